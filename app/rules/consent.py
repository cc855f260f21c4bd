"""The texts read aloud before anything personal is written down, each with its version.

Law 91/2025/QH15 on personal data asks that people know what is kept, why, by whom, and that they may say no
or change their mind. A text is never changed: a new wording is a new version, and old ones stay known.
"""

TEXTS: list[dict[str, str]] = [
    {
        "version": "2026-01",
        "lang": "vi",
        "text": (
            "Tổ công nghệ số cộng đồng xin phép ghi lại tên chủ hộ, số điện thoại, địa chỉ và tên gọi của từng "
            "người trong nhà, để lần sau biết nhà nào cần giúp gì. Chỉ thành viên của tổ và cán bộ phường, xã "
            "được xem; tỉnh chỉ xem số liệu cộng chung. Không hỏi số căn cước, không hỏi số tài khoản. Cô bác "
            "có thể nói không hoặc để sau, vẫn được giúp như mọi nhà, và có thể đổi ý bất cứ lúc nào. "
            "Cô bác có đồng ý không ạ?"
        ),
    },
    {
        "version": "2026-01",
        "lang": "en",
        "text": (
            "The community digital-technology team asks to write down the name of the head of the household, a "
            "phone number, the address and what each person at home is called, so that next time we know who "
            "needs which help. Only the team's members and the commune's officials can see it; the province sees "
            "totals only. We ask for no identity card and no account number. You may say no, or later, and you "
            "will be helped all the same; you may change your mind at any time. Do you agree?"
        ),
    },
]

LATEST = TEXTS[0]["version"]

"""Words for made-up people. Everyone's family name is *Mẫu* ("sample"), so that nobody is taken for real."""

from random import Random

from app.rules.vocabulary import Sex

FAMILY = "Mẫu"
MARK = "(mẫu)"
"""Stands behind the name of everything made up that could be taken for real."""

_MIDDLE = {
    Sex.FEMALE: ("Thị", "Ngọc", "Thu", "Kim", "Thanh", "Mỹ"),
    Sex.MALE: ("Văn", "Hữu", "Đức", "Minh", "Quốc", "Thành"),
}
_GIVEN = {
    Sex.FEMALE: (
        "Ánh Bích Chi Cúc Diệp Dung Đào Hà Hằng Hạnh Hiền Hoa Hoà Hồng Huệ Hương Lan Liên Linh Loan Mai Nga Ngân "
        "Nhung Oanh Phượng Quyên Sương Tâm Thảo Thơm Thuỷ Trang Trinh Tuyết Uyên Vân Xuân Yến"
    ).split(),
    Sex.MALE: (
        "An Bảo Bình Cường Dũng Duy Đạt Đông Đức Giang Hải Hậu Hiếu Hoàng Hùng Huy Khang Khoa Kiên Lâm Long Lộc "
        "Lực Nam Nghĩa Nhân Phong Phúc Quân Quang Sơn Tài Thắng Thiện Toàn Trí Trung Tuấn Việt Vinh"
    ).split(),
}

NOTES = (
    "Hẹn quay lại vào buổi chiều.",
    "Nhà cần được hướng dẫn thêm về dịch vụ công.",
    "Đã cùng cài ứng dụng, cần xem lại sau một tháng.",
    "Mạng trong hẻm yếu, nên gặp ở nhà văn hoá.",
    "Người lớn tuổi, nên nói chậm và làm mẫu từng bước.",
)
WITHDRAWAL = "Ghi nhầm nhà."
RETURN = "Năm sinh của một thành viên chưa hợp lý, nhờ hỏi lại."
ABSENT = "Không có ai ở nhà."


def full_name(random: Random, sex: Sex) -> str:
    """Make up the name of an adult."""
    return f"{FAMILY} {random.choice(_MIDDLE[sex])} {given_name(random, sex)}"


def given_name(random: Random, sex: Sex) -> str:
    """Make up a given name."""
    return random.choice(_GIVEN[sex])


def label(random: Random, sex: Sex, age: int) -> str:
    """Make up the short label by which a volunteer remembers a member, as in "chị Lan"."""
    if age < 16:
        address = "bé"
    elif age < 50:
        address = "chị" if sex is Sex.FEMALE else "anh"
    elif age < 65:
        address = "cô" if sex is Sex.FEMALE else "chú"
    else:
        address = "bà" if sex is Sex.FEMALE else "ông"
    return f"{address} {given_name(random, sex)}"

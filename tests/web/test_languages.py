def test_pages_speak_vietnamese_whatever_the_browser_prefers(client):
    page = client.get("/sign-in", headers={"Accept-Language": "en-GB"})
    assert '<html lang="vi">' in page.text
    assert "Mật khẩu" in page.text


def test_choosing_english_lasts_and_returns_to_the_page(client):
    answer = client.post("/language", data={"language": "en", "next": "/sign-in"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    page = client.get("/sign-in")
    assert '<html lang="en">' in page.text
    assert "Password" in page.text


def test_an_unknown_language_changes_nothing(client):
    client.post("/language", data={"language": "xx"})
    assert '<html lang="vi">' in client.get("/sign-in").text

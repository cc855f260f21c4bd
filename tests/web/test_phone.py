def test_the_shell_opens_without_signing_in_and_names_nobody(client, volunteer):
    assert client.get("/phone/").status_code == 200
    assert volunteer.get("/phone/").text == client.get("/phone/").text


def test_a_page_that_does_not_exist_says_so_with_a_code(client):
    page = client.get("/nowhere", headers={"X-Request-ID": "request-1234"})
    assert page.status_code == 404
    assert "Không có gì ở đây" in page.text
    assert "not.found" in page.text
    assert "request-1234" in page.text


def test_an_address_used_the_wrong_way_says_so(client):
    page = client.post("/coverage")
    assert page.status_code == 405
    assert page.headers["Allow"]
    assert "request.method" in page.text

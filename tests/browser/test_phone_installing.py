"""The app can be installed, starts without a network from its icon, and its shortcuts lead somewhere."""

from urllib.parse import urljoin

from playwright.sync_api import Page, expect

from tests.browser.phone import PhoneApp

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"


def test_the_browser_finds_nothing_that_stands_against_installing(phone_page: Page, sign_in):
    sign_in(phone_page, "volunteer")
    PhoneApp(phone_page).settle()
    protocol = phone_page.context.new_cdp_session(phone_page)
    found = protocol.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A context of a test counts as private browsing, in which nothing can be installed; nothing else may be wrong.
    assert [each["errorId"] for each in found if each["errorId"] != "in-incognito"] == []
    manifest = protocol.send("Page.getAppManifest")
    assert manifest["errors"] == []


def test_its_icons_are_there_in_the_sizes_they_say(phone_page: Page, live_server):
    manifest = phone_page.request.get("/manifest.webmanifest").json()
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    phone_page.goto("/sign-in")
    for icon in manifest["icons"]:
        size = phone_page.evaluate(
            """async (src) => {
              const image = new Image();
              image.src = src;
              await image.decode();
              return `${image.naturalWidth}x${image.naturalHeight}`;
            }""",
            icon["src"],
        )
        assert size == icon["sizes"]


def test_the_start_and_every_shortcut_open_without_a_network(phone_page: Page, sign_in, live_server):
    sign_in(phone_page, "volunteer")
    PhoneApp(phone_page).settle()
    manifest = phone_page.request.get("/manifest.webmanifest").json()
    phone_page.context.set_offline(True)
    live_server.stop()
    titles: list[str] = []
    for address in (manifest["start_url"], *(each["url"] for each in manifest["shortcuts"])):
        page = phone_page.context.new_page()
        page.goto(urljoin(live_server.url, address))
        expect(page.locator("h1")).to_have_text(["Hôm nay", "Hôm nay", "Thêm hộ", "Sổ gửi"][len(titles)])
        titles.append(page.locator("h1").inner_text())
        page.close()
    assert titles == ["Hôm nay", "Hôm nay", "Thêm hộ", "Sổ gửi"]


def test_an_iphone_is_told_to_install_before_recording(new_context, sign_in):
    page = new_context(viewport={"width": 360, "height": 740}, user_agent=IPHONE, has_touch=True).new_page()
    sign_in(page, "volunteer")
    PhoneApp(page).settle()
    expect(page.locator(".banner")).to_contain_text("iPhone")
    page.get_by_role("link", name="Cách cài").click()
    expect(page.locator(".steps li")).to_have_count(3)
    expect(page.get_by_text("cài xong mới bắt đầu ghi")).to_be_visible()
    page.goto("/phone/#/register")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cài ứng dụng")


def test_larger_text_stronger_contrast_and_the_tour_stay_as_chosen(phone_page: Page, sign_in):
    sign_in(phone_page, "volunteer")
    phone = PhoneApp(phone_page)
    phone.open()
    phone.tap("Xem")
    for _ in range(3):
        phone.tap("Tiếp")
    phone.tap("Bắt đầu")
    expect(phone_page.get_by_text("Mới dùng?")).to_have_count(0)
    phone.open("device")
    before = phone_page.locator("h1").evaluate("(title) => parseFloat(getComputedStyle(title).fontSize)")
    phone.choose("Cỡ chữ", "Rất to")
    phone.choose("Độ tương phản", "Đậm hơn, khi ngoài nắng")
    phone.choose("Sáng hay tối", "Tối")
    phone_page.reload()
    expect(phone_page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(phone_page.locator("html")).to_have_attribute("data-contrast", "more")
    expect(phone_page.locator("h1")).to_have_text("Máy này")
    after = phone_page.locator("h1").evaluate("(title) => parseFloat(getComputedStyle(title).fontSize)")
    assert after > before * 1.3
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for place in ("", "homes", "outbox", "device", "register"):
        phone.open(place)
        assert phone_page.evaluate(wider) == 0, place

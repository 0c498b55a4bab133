"""The page in a real browser."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.training.small import make_model
from tests.web.scripted import script
from tests.web.sites import Site, scripted, until
from tests.web.test_sharing import engine, load, served, share, shared, turn

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="there is no chromium here (Debian: chromium chromium-driver)"
    ),
]

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1000,800"),
)
STRANGE = "<script>alert(1)</script>\n\n<|endoftext|> 雪🦊 &amp; e\u0301"


class Page:
    """What a person sees and does."""

    def __init__(self, driver: webdriver.Chrome, site: Site) -> None:
        self.driver = driver
        self.site = site

    def open(self, link: str = "") -> None:
        self.driver.get("about:blank")
        self.driver.get(link or self.site.link)

    def forget(self) -> None:
        """A browser that was never here."""
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        origin = {"origin": self.site.base, "storageTypes": "all"}
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", origin)

    def find(self, name: str) -> WebElement:
        return self.driver.find_element(By.ID, name)

    def js(self, code: str, *arguments: object) -> Any:
        return self.driver.execute_script(f"return {code}", *arguments)

    @property
    def text(self) -> str:
        value: str = self.js("document.getElementById('text').value")
        return value

    @property
    def inks(self) -> list[tuple[str, str]]:
        """Who wrote what, as it is shown."""
        code = "[...document.querySelectorAll('#ink > span')].map((span) => [span.className, span.textContent])"
        return [(who, text) for who, text in self.js(code)]

    @property
    def running(self) -> bool:
        return self.find("go").text in ("Stop", "停止")

    @property
    def status(self) -> str:
        return self.find("status").text

    def type(self, text: str) -> None:
        """As by an input method: whole characters, those beyond the keyboard too."""
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def press(self, *keys: str) -> None:
        self.js("document.activeElement").send_keys(*keys)

    def go_on(self) -> None:
        before = self.text
        self.press(Keys.CONTROL, Keys.ENTER)
        until(lambda: not self.running and self.text != before)

    def set(self, name: str, value: str) -> None:
        code = (
            "(([field, value]) => { field.value = value; field.dispatchEvent(new Event('change')); })"
            "([document.getElementById(arguments[0]), arguments[1]])"
        )
        self.js(code, name, value)

    def candidates(self) -> list[str]:
        found: list[str] = self.js("[...document.querySelectorAll('.way .what')].map((what) => what.textContent)")
        return found

    @property
    def log(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return entries

    @property
    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.log if entry["level"] == "SEVERE"]


@pytest.fixture(scope="module")
def driver() -> Iterator[webdriver.Chrome]:
    folder = tempfile.mkdtemp(prefix="browser-of-a-test-")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"intl.accept_languages": "en-US"})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    yield driver
    driver.quit()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with scripted(tmp_path_factory.mktemp("browser"), pace=0.004) as site:
        yield site


@pytest.fixture
def page(driver: webdriver.Chrome, site: Site) -> Iterator[Page]:
    page = Page(driver, site)
    page.open(f"{site.base}/page/icon.svg")
    page.forget()
    _ = page.log
    page.open()
    page.set("length", "9")
    yield page
    assert page.complaints == []


def test_a_person_types_and_the_model_goes_on_in_its_own_ink(page: Page) -> None:
    page.type("Once upon a time")
    page.go_on()
    assert page.text == "Once upon a time" + script(0, 9)
    assert page.inks == [("person", "Once upon a time"), ("model", script(0, 9))]
    person, model = page.js(
        "[...document.querySelectorAll('#ink > span')].map((span) => getComputedStyle(span))"
        ".map((style) => [style.color, style.textDecorationLine])"
    )
    assert person[0] != model[0]
    assert model[1] == "underline"  # colour is not the only sign
    assert "9 tokens" in page.status
    page.type(" So it was.")
    page.go_on()
    assert [who for who, _ in page.inks] == ["person", "model", "person", "model"]


def test_every_character_comes_out_as_it_was_typed(page: Page) -> None:
    page.type(STRANGE)
    page.go_on()
    assert page.text == STRANGE + script(0, 9)
    assert page.js("document.querySelectorAll('#ink script').length") == 0
    assert page.js("document.getElementById('ink').textContent") == page.text


def test_what_streams_can_be_stopped_and_stays(page: Page) -> None:
    page.set("length", "2000")
    page.type("On and on")
    page.press(Keys.CONTROL, Keys.ENTER)
    until(lambda: len(page.text) > 30)
    stops = page.site.reached.count("stop")
    page.press(Keys.ESCAPE)
    until(lambda: page.site.reached.count("stop") > stops)
    stopped = page.text
    assert not page.running
    assert page.status == "Stopped."
    assert script(0, 2000).startswith(stopped.removeprefix("On and on"))
    page.set("length", "2")
    page.go_on()
    assert page.text == stopped + script(0, 2)


def test_typing_never_waits_for_the_model(page: Page) -> None:
    page.set("length", "2000")
    page.type("A")
    page.press(Keys.CONTROL, Keys.ENTER)
    until(lambda: len(page.text) > 10)
    page.type("Z")
    assert page.text.endswith("Z")
    assert not page.running
    assert page.inks[-1] == ("person", "Z")


def test_take_back_and_try_again(page: Page) -> None:
    page.type("One")
    page.go_on()
    whole = page.text
    page.find("back").click()
    assert page.text == "One"
    page.find("text").send_keys(Keys.CONTROL, "y")
    assert page.text == whole
    asked = page.site.reached.count("continue")
    page.find("again").click()
    until(lambda: page.site.reached.count("continue") > asked and not page.running)
    assert page.text == whole
    page.find("text").send_keys(Keys.CONTROL, "z")
    page.find("text").send_keys(Keys.CONTROL, "z")
    assert page.text == ""


def test_words_typed_into_the_models_text_are_the_persons(page: Page) -> None:
    page.type("One")
    page.go_on()
    page.js("document.getElementById('text').setSelectionRange(7, 7)")
    page.type("🦊")
    assert page.inks == [
        ("person", "One"),
        ("model", script(0, 9)[:4]),
        ("person", "🦊"),
        ("model", script(0, 9)[4:]),
    ]


RANDOM_EDITS = """
const [seed, done] = arguments;
import('/page/manuscript.js').then(({ Manuscript }) => {
  let state = seed;
  const random = (below) => (state = (state * 48271) % 2147483647) % below;
  const piece = () => Array.from({ length: random(4) }, () => ['a', 'aa', '🦊', '\\n', 'b'][random(5)]).join('');
  const manuscript = new Manuscript();
  const texts = [''];
  for (let step = 0; step < 400; step++) {
    const whole = [...manuscript.text];
    const owners = manuscript.runs.flatMap((run) => [...run.text].map(() => run.who));
    if (random(3) === 0) {
      manuscript.begin('model');
      manuscript.append(piece());
      manuscript.forgetIfEmpty();
    } else {
      const start = random(whole.length + 1), typed = piece();
      const end = start + random(Math.min(3, whole.length - start + 1));
      const before = whole.slice(0, start).join('') + typed;
      manuscript.edit(before + whole.slice(end).join(''), before.length, step * 5000);
      if (manuscript.text !== before + whole.slice(end).join('')) return done('the text is another');
      const kept = manuscript.runs.flatMap((run) => [...run.text].map(() => run.who));
      const rest = owners.slice(end);
      const gap = kept.length - rest.length;
      if (rest.some((who, n) => kept[gap + n] !== who)) return done('what followed changed hands');
    }
    if (manuscript.runs.some((run, n) => !run.text || manuscript.runs[n - 1]?.who === run.who)) return done('bad runs');
    if (manuscript.text !== texts.at(-1)) texts.push(manuscript.text);
  }
  const seen = [manuscript.text];
  while (manuscript.takeBack()) if (manuscript.text !== seen.at(-1)) seen.push(manuscript.text);
  const same = seen.reverse().join('|') === texts.join('|');
  while (manuscript.bringBack());
  done(same && manuscript.text === texts.at(-1) ? 'good' : 'undo leads elsewhere');
}, (error) => done(String(error)));
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_wrote_what_survives_any_edits_and_all_can_be_taken_back(page: Page, seed: int) -> None:
    assert page.driver.execute_async_script(RANDOM_EDITS, seed) == "good"


def test_of_three_ways_one_is_taken_and_three_more_come(page: Page) -> None:
    page.type("Where to?")
    page.press(Keys.CONTROL, Keys.SHIFT, Keys.ENTER)
    until(lambda: page.candidates() == [script(0, 9), script(1, 9), script(2, 9)])
    page.driver.find_elements(By.CSS_SELECTOR, ".way")[1].click()
    assert page.text == "Where to?" + script(1, 9)
    until(lambda: page.candidates() == [script(0, 9), script(1, 9), script(2, 9)] and not page.running)
    page.press("3")
    assert page.text == "Where to?" + script(1, 9) + script(2, 9)
    page.press(Keys.ESCAPE)
    assert not page.find("ways").is_displayed()
    assert page.js("document.activeElement.id") == "text"


def test_the_text_and_the_settings_survive_a_reload(page: Page) -> None:
    page.type(STRANGE)
    page.go_on()
    before = page.text, page.inks
    page.driver.refresh()
    assert (page.text, page.inks) == before
    assert page.js("document.getElementById('length').value") == "9"


def test_the_field_and_the_ink_lie_on_each_other(page: Page) -> None:
    page.type("Many words " * 40 + "\n\n雪" * 30 + "\n")
    page.go_on()
    sizes = page.js(
        "['ink', 'text'].map((id) => document.getElementById(id)).map((it) => [it.scrollHeight, it.clientWidth])"
    )
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("settings", [False, True])
def test_the_newest_line_stays_in_view_above_the_buttons(page: Page, settings: bool) -> None:
    if settings:
        page.driver.find_element(By.TAG_NAME, "summary").click()
    page.find("text").click()
    page.type("A line\n" * 60)
    page.set("length", "300")
    page.js("window.scrollTo(0, 0)")
    page.go_on()
    below = "document.querySelector('.paper').getBoundingClientRect().bottom"
    assert page.js(f"{below} <= document.querySelector('.bar').getBoundingClientRect().top + 1")
    page.press(Keys.CONTROL, Keys.ENTER)
    page.js("window.scrollTo(0, 0)")  # whoever reads above is left there
    until(lambda: not page.running)
    assert page.js("window.scrollY") == 0


def test_everything_fits_a_phone(page: Page) -> None:
    metrics = {"width": 360, "height": 700, "deviceScaleFactor": 2, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        page.type("Wide" * 40)
        page.go_on()
        assert page.js("document.documentElement.scrollWidth") <= 360
        small = "[...document.querySelectorAll('.bar button')].filter((each) => each.offsetHeight < 40).length"
        assert page.js(small) == 0
        assert page.js("document.getElementById('go').getBoundingClientRect().bottom") <= 700
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_inks_can_be_read_in_light_and_in_dark(page: Page, scheme: str) -> None:
    feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
    page.type("Black")
    page.go_on()
    sheet = page.js("getComputedStyle(document.querySelector('.paper')).backgroundColor")
    for ink in page.js("[...document.querySelectorAll('#ink > span')].map((each) => getComputedStyle(each).color)"):
        assert contrast(ink, sheet) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2."""

    def light(colour: str) -> float:
        channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_all_can_be_reached_and_named_by_keyboard_and_screen_reader(page: Page) -> None:
    page.type("x")
    page.go_on()
    reached = []
    for _ in range(8):
        page.press(Keys.TAB)
        reached.append(page.js("document.activeElement.id || document.activeElement.localName"))
    assert [name for name in ("summary", "go", "again", "back", "three") if name not in reached] == []
    nameless = page.js(
        "[...document.querySelectorAll('#studio button, #studio input, #studio textarea, header button')]"
        ".filter((it) => !it.closest('#ways') && !(it.textContent.trim() || it.ariaLabel || it.labels?.length)).length"
    )
    assert nameless == 0
    assert "The model wrote" in page.js("document.querySelector('[aria-live]').textContent")
    assert page.find("status").get_attribute("role") == "status"


def test_copy_and_download_and_a_new_page(page: Page, tmp_path: Path) -> None:
    page.type("雪\n")
    page.go_on()
    whole = page.text
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    page.find("download").click()
    until((tmp_path / "storyteller.txt").is_file)
    assert (tmp_path / "storyteller.txt").read_bytes().decode() == whole
    page.find("copy").click()
    until(lambda: page.status == "Copied.")
    page.find("clear").click()
    assert page.text == ""
    page.find("back").click()
    assert page.text == whole


def test_the_browser_alone_knows_the_token(driver: webdriver.Chrome, tmp_path: Path) -> None:
    with scripted(tmp_path, token="the-token") as site:
        page = Page(driver, site)
        page.open(site.base)
        assert driver.find_elements(By.ID, "token")
        page.open(f"{site.base}/#token=wrong")
        until(lambda: page.find("complaint").text == "That is not the token.")
        driver.get(site.link)  # pasted at the door: nothing of the address but its fragment is new
        until(lambda: bool(driver.find_elements(By.ID, "studio")) and page.find("studio").is_displayed())
        assert driver.current_url == f"{site.base}/"
        page.open(site.base)
        page.set("length", "2")
        page.type("x")
        page.go_on()
        assert page.text == "x" + script(0, 2)
        assert all("401" in each for each in page.complaints)  # the door's 401s are no surprise


def test_a_visitor_is_told_of_another_model_and_goes_on_with_it(driver: webdriver.Chrome, tmp_path: Path) -> None:
    control, tiny = tmp_path / "engine.json", make_model(tmp_path / "tiny")
    with engine(control), shared(tmp_path, share(control)) as site:
        page = Page(driver, site)
        page.open()
        page.set("length", "2000")
        page.type("Once upon a time")
        page.press(Keys.CONTROL, Keys.ENTER)
        until(lambda: len(page.inks) == 2)
        load(control, tiny)
        turn(site, share(control, name="tiny", vocabulary=str(tiny)))
        until(lambda: not page.running and served(site) == "tiny")
        assert "Another model was loaded" in page.status
        assert [who for who, _ in page.inks] == ["person", "model"]
        assert page.find("go").is_enabled()
        page.set("length", "4")
        page.go_on()
        assert page.driver.find_element(By.TAG_NAME, "h1").text == "tiny"
        assert "4 tokens" in page.status
        assert page.driver.title.startswith("tiny ")
        assert page.complaints == []


def text_of(driver: webdriver.Chrome, name: str) -> str | None:
    """The text of the element of this class; None while one page gives way to another."""
    try:
        return driver.find_element(By.CLASS_NAME, name).get_attribute("textContent")
    except WebDriverException:  # of several kinds, as far as the next page has come
        return None


def test_the_form_of_2019_works_without_javascript(driver: webdriver.Chrome, site: Site) -> None:
    page = Page(driver, site)
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.open(site.base)
        assert not page.find("studio").is_displayed()
        page.find("seed-sentence").click()
        page.type(STRANGE)
        driver.find_element(By.CSS_SELECTOR, "form button").click()
        until(lambda: bool(driver.find_elements(By.CLASS_NAME, "person")))
        assert driver.find_element(By.CLASS_NAME, "person").get_attribute("textContent") == STRANGE
        written = driver.find_element(By.CLASS_NAME, "written").get_attribute("textContent")
        assert written == STRANGE + script(0, 200)
        driver.find_element(By.CSS_SELECTOR, "form button").click()  # on from there, newlines kept
        until(lambda: text_of(driver, "person") == written)
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert page.complaints == []

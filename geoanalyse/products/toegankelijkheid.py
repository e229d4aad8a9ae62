"""The accessibility statement of the map: what was tested and how, by whom, and what is known to fall short.

It claims no more than the tests do: each line of `TESTED` names the tests behind it; a test sees that they are there.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """A Dutch sentence for the reader, and the tests it rests on as ``file::test``."""

    text: str
    tests: tuple[str, ...]


STATUS = (
    "Deze verklaring is gemaakt door het programma geoanalyse, niet door een onderzoeksbureau. Er is geen "
    "onderzoek volgens WCAG-EM gedaan door een onafhankelijke partij. Daarmee is de status, in de woorden van"
    " het Rijk: eerste maatregelen genomen (C). De maatstaf is WCAG 2.1, niveau A en AA (EN 301 549)."
)

TESTED = (
    Claim(
        (
            "De regels van axe-core voor WCAG 2.0 en 2.1 A en AA geven geen fouten: bij openen, met een "
            "gekozen plek, in een periode, met twee perioden naast elkaar, met hun verschil, in de beamerstand, bij "
            "het zoeken, in een gefilterde tabel, op het blad voor de printer, met de belofte open, met een "
            "voorbehoud, met water en eigen kleuren, zonder cijfers en met zestig lagen."
        ),
        (
            "test_kaart_browser.py::test_axe_finds_nothing",
            "test_kaart_toegankelijk.py::test_axe_finds_nothing",
            "test_kaart_toegankelijk.py::test_axe_finds_nothing_while_searching",
            "test_kaart_toegankelijk.py::test_axe_finds_nothing_on_the_sheet",
            "test_kaart_toegankelijk.py::test_axe_finds_nothing_in_a_narrowed_table",
            "test_kaart.py::test_the_footer_says_the_promise_and_leads_to_its_limits",
            "test_kaart.py::test_a_caveat_is_in_sight_and_a_release_without_one_has_no_empty_bar",
            "test_dressing.py::test_water_lies_under_the_cells_and_shows_where_no_one_lives",
            "test_dressing.py::test_colours_of_ones_own_are_those_of_map_and_legend",
            "test_kaart_extremes.py::test_an_area_without_a_single_zone_says_so",
            "test_kaart_extremes.py::test_sixty_layers_fit_beside_the_map",
        ),
    ),
    Claim(
        (
            "Met alleen het toetsenbord: een plek kiezen, van cel naar cel lopen, zoomen, schuiven, perioden "
            "vergelijken, afdrukken, en langs alle knoppen de pagina weer uit. Waar u bent, is te zien; wat u "
            "kiest, gaat ook naar een schermlezer."
        ),
        (
            "test_kaart_browser.py::test_keyboard_alone_reaches_a_cell_and_hears_it",
            "test_kaart_browser.py::test_tab_leaves_the_map",
            "test_kaart_toegankelijk.py::test_tab_goes_through_every_function_and_out_at_the_end",
            "test_kaart_toegankelijk.py::test_every_focus_can_be_seen",
            "test_kaart_toegankelijk.py::test_the_keyboard_alone_compares_two_periods_and_prints",
        ),
    ),
    Claim(
        (
            "Alle cijfers van de kaart staan ook in een tabel, die u kunt sorteren, doorzoeken en opslaan; "
            "elk verloop staat er in woorden bij."
        ),
        (
            "test_kaart_browser.py::test_table_holds_every_unit_and_leads_to_the_map",
            "test_kaart_browser.py::test_trend_has_the_same_numbers_in_words",
        ),
    ),
    Claim(
        (
            "De kleuren van de klassen zijn te onderscheiden voor wie kleurenblind is en in grijs; wat geen "
            "klasse heeft, heeft een patroon. Eigen kleuren van een organisatie worden daarop gekeurd."
        ),
        (
            "test_palette.py::test_no_two_classes_look_alike",
            "test_palette.py::test_each_kind_of_empty_has_a_pattern_of_its_own",
            "test_dressing.py::test_colours_that_cannot_be_read_are_refused",
        ),
    ),
    Claim(
        (
            "Op twee en vier keer de grootte is zijwaarts schuiven niet nodig. Wie minder beweging vraagt, krijgt "
            "stilstaande beelden; de kleuren van hoog contrast laten de kaart en haar keuzes staan."
        ),
        (
            "test_kaart_toegankelijk.py::test_twice_and_four_times_the_size_needs_no_sideways_scrolling",
            "test_kaart_toegankelijk.py::test_less_motion_means_no_playing_and_no_moving",
            "test_kaart_toegankelijk.py::test_forced_colours_leave_the_map_and_its_choices",
        ),
    ),
    Claim(
        "In een te oude browser, of zonder JavaScript, staat in gewone woorden wat er nodig is.",
        (
            "test_kaart_cells.py::test_a_browser_that_is_too_old_says_so_in_plain_words",
            "test_kaart_cells.py::test_a_browser_without_scripts_says_what_is_needed",
        ),
    ),
)

BY_WHOM = (
    "De tests draaien vanzelf bij elke wijziging van het programma, in Chromium, bij wie het programma "
    "ontwikkelt; ze staan in de map tests van de broncode en zijn door iedereen te herhalen."
)

LIMITS = (
    (
        "De tekening van de kaart zelf is een beeld: een schermlezer leest haar niet. Wat erop staat, is te "
        "horen door van cel naar cel te lopen, en te lezen in het paneel en de tabel."
    ),
    ("De kaart is niet beproefd door mensen met een beperking, en niet met de schermlezers NVDA, JAWS en VoiceOver."),
    "Alleen Chromium wordt beproefd (dus Chrome en Edge); Firefox en Safari niet.",
    "Op een telefoon of tablet is de kaart niet beproefd.",
    "Namen van buurten in een andere taal zijn niet als zodanig gemerkt.",
    ("Beelden van een achtergrondkaart, als de maker die toestond en u haar aanzet, hebben geen beschrijving."),
)

CONTACT = (
    "Kunt u iets niet gebruiken? Meld het bij de organisatie die u deze kaart gaf; zij kan de cijfers ook "
    "anders leveren (zones.parquet, signaallijst.csv) en de melding doorgeven aan de makers van het "
    "programma."
)

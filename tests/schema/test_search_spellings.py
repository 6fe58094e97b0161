"""Public and admin searches find what was meant in many spellings, scripts and orders."""

import psycopg
import pytest

from tests.support.rows import add_event, add_started_event, add_user, rows, value

EVENTS = {
    "berlin": ("Jürgen Größe & die Söhne", "Café am Überseequartier"),
    "mueller": ("Mueller liest Goethe", "Aalto-Saal"),
    "oslo": ("Blåbærgrød: Søren synger", "Ålesund"),
    "paris": ("L’œuvre d’Éluard", "Théâtre de l’Île"),
    "istanbul": ("İSTANBUL IŞIKLARI", "Kapalı Çarşı"),
    "athens": ("Η ΟΔΥΣΣΕΙΑ ΤΟΥ ΟΔΥΣΣΕΩΣ", "Μέγαρο Μουσικής"),
    "moscow": ("Ёлка и снёжный бал", "Большой театр"),
    "tokyo": ("東京ジャズ祭", "日比谷公園"),
    "shanghai": ("上海国际电影节开幕式", "大剧院"),
    "seoul": ("서울 재즈 페스티벌", "올림픽공원"),
    "cairo": ("مُوسِيقَى الشَّرْق", "دار الأوبرا"),
    "haifa": ("שָׁלוֹם עֲלֵיכֶם", "חיפה"),
    "bangkok": ("เทศกาลดนตรีแจ๊ส", "กรุงเทพ"),
    "hyphens": ("Rock‑n‑Roll Re-Union", "St. Pauli"),
    "syllables": ("Schau\u00adspiel\u00adhaus\u00adball", "Hanau"),
    "widths": ("ＦＩＬＭ Ｎｉｇｈｔ", "Oﬃce"),
}
SEARCHES = (
    ("juergen groesse", "berlin"),
    ("Jurgen Grosse Sohne", "berlin"),
    ("cafe ueberseequartier", "berlin"),
    ("seequartier söhne", "berlin"),
    ("Müller Göthe", "mueller"),
    ("muller goethe", "mueller"),
    ("ålto", "mueller"),
    ("blaabaergroed", "oslo"),
    ("soeren aalesund", "oslo"),
    ("Soren Alesund", "oslo"),
    ("oeuvre d'eluard", "paris"),
    ("œuvre theatre", "paris"),
    ("istanbul ışıkları", "istanbul"),
    ("ISTANBUL ISIKLARI", "istanbul"),
    ("carsi", "istanbul"),
    ("οδυσσεια οδυσσεως", "athens"),
    ("Οδύσσεια μουσικη", "athens"),
    ("елка снежныи", "moscow"),
    ("ЁЛКА БАЛ", "moscow"),
    ("театр большои", "moscow"),
    ("東京祭", "tokyo"),
    ("ジャズ東京", "tokyo"),
    ("ｼﾞｬｽﾞ 日比谷", "tokyo"),
    ("祭", "tokyo"),
    ("上海电影节", "shanghai"),
    ("大剧院 开幕", "shanghai"),
    ("재즈 서울", "seoul"),
    ("موسيقى", "cairo"),
    ("الشرق الاوبرا", "cairo"),
    ("שלום", "haifa"),
    ("ดนตรี", "bangkok"),
    ("rock n roll", "hyphens"),
    ("rock-n-roll", "hyphens"),
    ("Rock–n–Roll", "hyphens"),
    ("reunion", "hyphens"),
    ("Schauspielhausball", "syllables"),
    ("Schau\u00adspiel", "syllables"),
    ("re union st.pauli", "hyphens"),
    ("Union, Rock", "hyphens"),
    ("film night", "widths"),
    ("office ｆｉｌｍ", "widths"),
)


@pytest.fixture
def events(rolled_back: psycopg.Connection) -> dict[int, str]:
    """The events to come, by id, and one that is in no search."""
    add_event(rolled_back, title="Something else", venue="Elsewhere")
    return {
        add_event(rolled_back, title=title, venue=venue): name
        for name, (title, venue) in EVENTS.items()
    }


@pytest.mark.parametrize(("typed", "name"), SEARCHES)
def test_both_searches_of_events_find_every_spelling_as_typed(
    rolled_back: psycopg.Connection, events: dict[int, str], typed: str, name: str
) -> None:
    public = rows(
        rolled_back, "SELECT * FROM search_events(%s, now(), 'infinity', NULL, NULL)", typed
    )
    admin = rows(rolled_back, "SELECT id FROM events_containing(%s) AS id", typed)

    assert [events.get(row["event_id"]) for row in public] == [name]
    assert public[0]["match_class"] < 4, "found only as a typing error"
    assert [events.get(row["id"]) for row in admin] == [name]


@pytest.mark.parametrize(
    ("typed", "name"),
    (
        ("jürgn grösse", "berlin"),
        ("muelelr", "mueller"),
        ("οδισσεια", "athens"),
        ("снёжнй", "moscow"),
        ("페스터벌", "seoul"),
        ("rockk roll", "hyphens"),
    ),
)
def test_typing_errors_are_corrected_in_every_script(
    rolled_back: psycopg.Connection, events: dict[int, str], typed: str, name: str
) -> None:
    found = rows(
        rolled_back, "SELECT * FROM search_events(%s, now(), 'infinity', NULL, NULL)", typed
    )

    assert [(events.get(row["event_id"]), row["match_class"]) for row in found] == [(name, 4)]


@pytest.mark.parametrize(
    ("left", "right"),
    (
        ("Οδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
        ("ſtraſse", "STRAẞE"),
        ("Ёж", "еж"),
        ("O'Neill", "O\N{MODIFIER LETTER APOSTROPHE}NEILL"),
        ("O'Neill", "O\N{ACUTE ACCENT}Neill"),
        ("Jean-Luc", "Jean\N{NON-BREAKING HYPHEN}Luc"),
        ("Jean-Luc", "Jean\N{MINUS SIGN}Luc"),
        ("Zoe\N{COMBINING DIAERESIS}", "ZOE"),
        ("Weber, Anna", " weber  anna"),
        ("Do\N{SOFT HYPHEN}ra", "Dora"),
        ("が", "か\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK}"),
        ("کتـــاب", "کتاب"),
    ),
)
def test_one_folded_text_for_all_spellings(
    rolled_back: psycopg.Connection, left: str, right: str
) -> None:
    folded = "SELECT folded_text(%s)"
    assert value(rolled_back, folded, left) == value(rolled_back, folded, right)


@pytest.mark.parametrize("pair", (("か", "が"), ("กา", "กี"), ("कि", "की"), ("서울", "서울시")))
def test_different_letters_stay_different(
    rolled_back: psycopg.Connection, pair: tuple[str, str]
) -> None:
    folded = [value(rolled_back, "SELECT folded_text(%s)", text) for text in pair]
    assert folded[0] != folded[1]


def test_short_names_find_only_themselves(rolled_back: psycopg.Connection) -> None:
    for name in ("Joe Miller", "John Miller", "Jörg Miller"):
        add_user(rolled_back, name=name)

    found = rows(
        rolled_back,
        "SELECT name FROM users WHERE search_text LIKE ALL (search_patterns('joe'))"
        " AND name LIKE '%%Miller'",
    )

    # Jörg may also be spelt Joerg.
    assert {row["name"] for row in found} == {"Joe Miller", "Jörg Miller"}


@pytest.mark.parametrize("typed", ("", " ", ",", "-", "'", "...", "’-’"))
def test_a_search_without_a_word_finds_nothing(rolled_back: psycopg.Connection, typed: str) -> None:
    add_started_event(rolled_back)
    add_event(rolled_back)

    assert rows(rolled_back, "SELECT events_containing(%s)", typed) == []
    assert value(rolled_back, "SELECT search_patterns(%s)", typed) == []


def test_the_previous_release_finds_customers(rolled_back: psycopg.Connection) -> None:
    """A process that is still running sends the condition of its release."""
    user_id = add_user(rolled_back, name="Anna-Lena Müller")

    for typed in ("anna-lena", "Müller", "mül", "lena muller", "ANNA LENA MÜLLER"):
        found = rows(
            rolled_back,
            "SELECT id FROM users WHERE search_text LIKE like_contains(search_text(%s))",
            typed,
        )
        assert [row["id"] for row in found] == [user_id], typed

"""Encodings and delimiters are found out the same way every time, or the file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technopole.errors import UnreadableFile
from technopole.sources.dialect import sniff
from technopole.sources.encodings import detect
from technopole.sources.headers import find_header, is_merged
from technopole.sources.request import Request

WORDS = {
    "gb18030": ["武汉东湖新技术开发区", "光电子信息", "激光产业", "长春高新", "广州科学城", "生物医药"],
    "big5": ["新竹科學園區", "精密機械", "光電產業", "臺中園區", "積體電路", "營業額"],
    "cp1251": ["Ташкентская область", "оптика", "приборостроение", "занятость", "лазерная техника"],
    "koi8-r": ["Новосибирск", "производство", "электроника", "занятость", "микроэлектроника"],
    "cp866": ["Зеленоград", "выручка предприятий", "станкостроение", "оборудование"],
    "cp1254": ["İstanbul", "ışık kaynakları", "çelik üretimi", "Muğla", "dağıtım"],
    "cp1252": ["München", "Göttingen", "Gerätebau", "café", "A Coruña", "Besançon"],
}


@pytest.mark.parametrize("encoding", WORDS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_words_of_a_language_tell_its_encoding(
    encoding: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    words = data.draw(st.lists(st.sampled_from(WORDS[encoding]), min_size=3, max_size=8))
    content = "place,industry,employment\n" + "".join(f"{word},x,1\n" for word in words)
    path = tmp_path_factory.mktemp("text") / "jobs.csv"
    path.write_bytes(content.encode(encoding))
    try:
        found = detect(path, None)
    except UnreadableFile as refused:
        assert encoding in refused.exists
    else:
        assert content.encode(encoding).decode(found) == content


@pytest.mark.parametrize("encoding", WORDS)
def test_all_words_together_are_certain(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_bytes("\n".join(WORDS[encoding]).encode(encoding))
    assert detect(tmp_path / "jobs.csv", None) == encoding


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("place,industry,employment\nA,x,1\n", ","),
        ("place;industry;employment\nA;x;1,5\nB;y;2,5\n", ";"),
        ("place\tindustry\temployment\nA, B\tx\t1,5\n", "\t"),
        ("place|industry|employment\nA;B|x,y|1\n", "|"),
        ('place,industry,employment\n"A;B;C",x,1\n"D;E;F",y,2\n', ","),
        ("park\nWuhan\nJena\n", ","),
    ],
)
def test_delimiter(text: str, delimiter: str) -> None:
    wanted = frozenset({"place", "industry", "employment", "park"})
    assert sniff(text, True, "jobs.csv", Request(wanted=wanted)).delimiter == delimiter


def test_headers() -> None:
    rows = [["Jobs by county", ""], ["", ""], ["Place", "Jobs"], ["A", "1"]]
    assert find_header(rows, {"place"}) == 2
    assert find_header(rows[:1] + rows[2:], set()) == 1
    assert is_merged(["place", "jobs", ""], ["", "men", "women"])
    assert not is_merged(["place", "jobs", ""], ["A", "1", "note"])
    assert not is_merged(["place", "jobs"], ["A", "1"])

"""Running heads, running feet and page numbers."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from collabnlp.extraction.furniture import find_furniture, fold, page_number

HEIGHT = 842.0


@dataclass
class Line:
    text: str
    top: float
    size: float = 11.0
    artifact: bool = False

    @property
    def bottom(self) -> float:
        return self.top + self.size


def body(number: int, count: int = 20) -> list[Line]:
    words = ["river", "bridge", "market", "school", "library", "harbour", "garden", "station"]
    return [
        Line(f"{words[(number * 3 + k) % 8]} {words[(number + 5 * k) % 8]} line {k}", 110 + 30 * k)
        for k in range(count)
    ]


def found(pages: list[list[Line]]) -> tuple[list[set[str]], list[str | None]]:
    furniture = find_furniture(pages, [HEIGHT] * len(pages))
    texts = [
        {page[index].text for index in chosen}
        for page, chosen in zip(pages, furniture.lines, strict=True)
    ]
    return texts, furniture.labels


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"),
        ("iv", "iv"),
        ("Page 3 of 9", "3"),
        ("– 7 –", "7"),
        ("(8)", None),
        ("Chapter 4", None),
        ("2024 Act", None),
        ("mild", None),
    ],
)
def test_page_number(text, number):
    assert page_number(text) == number


def test_digits_are_folded():
    assert fold("Bill 12 – page 3") == fold("Bill 12 – page 41")
    assert fold("Part A") != fold("Part B")


def test_heads_feet_and_numbers_are_found_and_text_is_not():
    pages = [[Line("The harbour plan", 40), *body(n), Line(str(n + 3), 800)] for n in range(6)]
    texts, labels = found(pages)
    assert texts == [{"The harbour plan", str(n + 3)} for n in range(6)]
    assert labels == [str(n + 3) for n in range(6)]


def test_heads_of_left_and_right_pages_differ():
    pages = [
        [Line("The harbour plan" if n % 2 else "Department of Ports", 40), *body(n)]
        for n in range(6)
    ]
    texts, _ = found(pages)
    assert all(len(it) == 1 for it in texts)


def test_a_chapter_name_in_the_slot_of_running_heads_is_furniture():
    chapters = ["One", "One", "One", "One", "Two", "Three", "Three", "Three"]
    pages = [[Line(f"Chapter {name}", 40), *body(n)] for n, name in enumerate(chapters)]
    texts, _ = found(pages)
    assert texts[4] == {"Chapter Two"}


def test_a_line_that_stands_once_at_the_top_of_the_text_stays():
    pages = [[Line("The harbour plan", 40), *body(n)] for n in range(6)]
    pages[2].append(Line("A heading of its own", 100))
    texts, _ = found(pages)
    assert "A heading of its own" not in texts[2]


def test_numbers_in_the_text_stay():
    pages = [[*body(n), Line("2024", 400), Line(str(n + 1), 800)] for n in range(5)]
    texts, _ = found(pages)
    assert all("2024" not in it for it in texts)


def test_a_number_at_the_edge_that_does_not_count_on_stays():
    pages = [body(n) for n in range(5)]
    pages[1].append(Line("977", 790))
    texts, labels = found(pages)
    assert texts[1] == set()
    assert labels == [None] * 5


def test_roman_page_numbers():
    pages = [[*body(n), Line(label, 800)] for n, label in enumerate(["ii", "iii", "iv"])]
    assert found(pages)[1] == ["ii", "iii", "iv"]


def test_an_artifact_below_a_running_head_is_furniture_though_it_stands_once():
    pages = [[Line("The harbour plan", 40), *body(n)] for n in range(4)]
    pages[3].append(Line("Schedule of the harbour plan", 54, artifact=True))
    assert "Schedule of the harbour plan" in found(pages)[0][3]


def test_the_print_number_of_a_bill_at_unlike_heights():
    pages = [body(n, 20 - 2 * n) for n in range(3)]
    pages[0].append(Line("Bill 86 59/1", 760))
    pages[2].append(Line("Bill 86 59/1", 720))
    texts, _ = found(pages)
    assert texts[0] == {"Bill 86 59/1"} == texts[2]


def test_one_page_has_no_furniture():
    assert found([[Line("A letter", 40), *body(0)]])[0] == [set()]


def test_line_numbers_of_a_bill_are_no_page_numbers():
    pages = [body(n) for n in range(8)]
    for n, number in ((1, "35"), (4, "40"), (6, "35")):
        pages[n].append(Line(number, 735))
    assert found(pages)[1] == [None] * 8


def test_page_numbers_beside_running_heads():
    pages = [
        [Line(f"{n + 1} Harbours Bill" if n % 2 else f"Harbours Bill {n + 1}", 40), *body(n)]
        for n in range(5)
    ]
    assert found(pages)[1] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(("size", "kept"), [(24.0, True), (12.0, False)])
def test_a_title_in_large_letters_that_a_few_pages_repeat_is_no_running_head(size, kept):
    pages = [body(n) for n in range(20)]
    for number in (0, 1, 4):
        pages[number].append(Line("The Harbours Bill", 40, size))
    texts, _ = found(pages)
    assert ("The Harbours Bill" not in texts[0]) == kept

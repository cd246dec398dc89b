"""Errors quote little of what stands in a file."""

from __future__ import annotations

from auditkit.errors import AuditkitError


def test_of_a_very_long_cell_only_the_beginning_is_quoted() -> None:
    error = AuditkitError(
        'There is no theme "' + "word " * 2_000_000 + '".', "Choose one.", details=['"' + "x" * 9_000]
    )
    assert error.message == 'There is no theme "' + "word " * 12 + '..".'
    assert str(error) == error.message
    assert len(error.details[0]) < 1_100


def test_a_cell_of_usual_length_is_quoted_whole() -> None:
    label = "How do the two of you decide, and who hears of it? " * 3
    assert AuditkitError(f'There is no theme "{label}".', "").message == f'There is no theme "{label}".'

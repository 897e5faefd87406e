"""What templates need to show answers and to explain them."""

from courses import questions, shuffling


def tools() -> dict[str, object]:
    """For every page with questions."""
    return {
        "score": questions.score,
        "verdict": questions.verdict,
        "chosen": questions.chosen,
        "is_whole": questions.is_whole,
        "shuffling": shuffling,
    }

"""The small module that people of :mod:`tests.courses` learn from, also for tests of what goes wrong meanwhile."""

from tests.courses.conftest import launched, module, platform, teacher, trainee

__all__ = ["launched", "module", "platform", "teacher", "trainee"]

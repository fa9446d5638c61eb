"""How passwords are kept: Argon2id, at twice the work that OWASP's password storage cheat sheet asks for."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Django's Argon2 hasher with parameters for a machine that many people sign on at once: 46 MiB, two passes."""

    memory_cost = 47_104  # KiB
    time_cost = 2
    parallelism = 2

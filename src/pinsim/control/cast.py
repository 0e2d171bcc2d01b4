"""Cast: who is there when nothing was seeded."""

from __future__ import annotations

from typing import Any

_MANY = [f"Room {number:02d}" for number in range(1, 28)]


def default_cast() -> dict[str, Any]:
    """Two apps and three accounts, in the shape of `POST /_sim/seed`."""
    callbacks = [
        "http://127.0.0.1:8080/oauth/callback",
        "http://localhost:8080/oauth/callback",
        "http://127.0.0.1:8085/",
        "http://localhost:8085/",
    ]
    return {
        "apps": [
            {
                "id": "1500001",
                "secret": "pinsim-secret-of-1500001",
                "name": "Spring Publisher",
                "access": "standard",
                "owner": "spring_shop",
                "redirect_uris": callbacks,
            },
            {
                "id": "1500002",
                "secret": "pinsim-secret-of-1500002",
                "name": "Terrace Publisher",
                "access": "trial",
                "owner": "trial_terrace",
                "redirect_uris": callbacks,
            },
        ],
        "accounts": [
            {
                "username": "spring_shop",
                "account_type": "BUSINESS",
                "business_name": "Spring Shop",
                "website_url": "https://spring.example",
                "boards": [
                    {"name": "Spring recipes", "sections": ["Soups", "Cakes"]},
                    {"name": "Garden ideas"},
                    {"name": "Home office"},
                ],
                "sandbox_boards": [{"name": "Sandbox tests", "sections": ["First section"]}],
            },
            {
                "username": "trial_terrace",
                "account_type": "BUSINESS",
                "business_name": "Terrace",
                "access": "trial",
                "boards": [{"name": "Terrace plants"}, {"name": "Balcony furniture"}],
                "sandbox_boards": [{"name": "Sandbox tests"}],
            },
            {
                "username": "second_shop",
                "account_type": "PINNER",
                "boards": [
                    *({"name": name} for name in _MANY),
                    {"name": "Summer"},
                    {"name": "Summer"},
                    {"name": "Plans for autumn", "privacy": "SECRET"},
                ],
            },
        ],
    }

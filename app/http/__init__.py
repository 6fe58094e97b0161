"""How the API says it: requests, answers and problems in HTTP."""

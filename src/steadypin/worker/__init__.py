"""The loops that do what is due: Lanes (one Connection each) and duties (everything that needs no Lane)."""

"""What the proofs of the review page share: stores, a server to be killed, clients, a bad line."""

"""Tags collaboration commitments in policy papers and legislation."""

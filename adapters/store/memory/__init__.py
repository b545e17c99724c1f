"""The store in memory, under the same contract as PostgreSQL: it runs the simulations."""

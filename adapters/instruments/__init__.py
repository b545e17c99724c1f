"""The markets that are known without asking anybody."""

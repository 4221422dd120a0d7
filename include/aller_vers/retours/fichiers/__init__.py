"""What comes back from the Caf and the Cpam: received, refused or taken, never trusted."""

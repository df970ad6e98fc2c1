//! Spawns containers.

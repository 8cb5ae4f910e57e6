//! The disk of the logs runs full under a mirror, and is freed again.

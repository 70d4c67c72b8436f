//! Decisions in flight: stores that fail at every step, and random interleavings

mod controller;
mod crash;
mod crash_in_flight;
mod interleavings;
mod store;
mod tickets;

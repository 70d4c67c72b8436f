//! Reconciliation: what differs, and that plans end it without harm

mod kinds;
mod laws;
mod network;
mod rounds;

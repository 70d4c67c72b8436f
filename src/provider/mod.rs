//! Documented provider calls: requests to commands, decisions and errors to replies

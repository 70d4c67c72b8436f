//! What every benchmark needs: the same random numbers, and a fair clock

pub(crate) mod measure;
pub(crate) mod random;

//! Lengths and checksums that fit bytes, whoever wrote those: as a forger would make them

use std::hash::Hasher;

use twox_hash::XxHash64;

fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = XxHash64::with_seed(0);
    hash.write(bytes);
    hash.finish()
}

/// A frame of this kind (`IPE` or `IPS`) around a body
pub(crate) fn sealed(kind: &[u8; 3], body: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_vec();
    bytes.push(1);
    bytes.extend((body.len() as u64).to_le_bytes());
    bytes.extend(&checksum(&bytes).to_le_bytes()[..4]);
    bytes.extend(body);
    bytes.extend(checksum(&bytes).to_le_bytes());
    bytes
}

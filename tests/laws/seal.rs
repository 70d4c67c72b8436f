//! Lengths and checksums that fit bytes, whoever wrote those: as a forger would make them

use rapidhash::v3::rapidhash_v3;

/// What the frame of an event begins with
pub(crate) const EVENT: [u8; 2] = [b'I', 0xe1];
/// What the frame of an engine begins with
pub(crate) const ENGINE: [u8; 2] = [b'I', 0x51];

/// A frame that begins so, around a body
pub(crate) fn sealed(start: [u8; 2], body: &[u8]) -> Vec<u8> {
    let mut bytes = start.to_vec();
    let mut rest = body.len();
    while rest >= 0x80 {
        bytes.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    bytes.push(rest.to_le_bytes()[0]);
    bytes.extend(&rapidhash_v3(&bytes).to_le_bytes()[..4]);
    bytes.extend(body);
    bytes.extend(rapidhash_v3(body).to_le_bytes());
    bytes
}

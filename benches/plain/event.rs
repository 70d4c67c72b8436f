//! The plain engine's event: the same facts as ours, with plain lists, and the same digest

use std::net::Ipv4Addr;

use ipam_core::Timestamp;
use smallvec::SmallVec;
use twox_hash::XxHash64;

use super::id::Id;

/// What one command changed
pub(crate) struct Event {
    pub(crate) revision: u64,
    pub(crate) at: Timestamp,
    /// Digest of the history that it was decided on
    pub(crate) parent: u64,
    pub(crate) changes: SmallVec<[Change; 1]>,
}

/// One fact
pub(crate) enum Change {
    Assigned { interface: Id, subnet: Id, addresses: Vec<Ipv4Addr> },
    Released { interface: Id, subnet: Id, addresses: Vec<Ipv4Addr> },
}

impl Event {
    /// The addresses of the only change
    pub(crate) fn addresses(&self) -> &[Ipv4Addr] {
        match self.changes.as_slice() {
            [Change::Assigned { addresses, .. } | Change::Released { addresses, .. }] => addresses,
            _ => &[],
        }
    }

    /// Digest of the history that this event is the last of: the bytes that ours hashes, at one go
    pub(crate) fn digest(&self) -> u64 {
        let mut bytes = SmallVec::<[[u8; 8]; 24]>::new();
        let mut word = |word: u64| bytes.push(word.to_le_bytes());
        word(self.parent);
        word(self.revision);
        word(self.at.millis());
        word(self.changes.len() as u64);
        for change in &self.changes {
            let (kind, interface, subnet, addresses) = match change {
                Change::Assigned { interface, subnet, addresses } => {
                    (10, interface, subnet, addresses)
                }
                Change::Released { interface, subnet, addresses } => {
                    (12, interface, subnet, addresses)
                }
            };
            word(kind);
            interface.words().into_iter().for_each(&mut word);
            subnet.words().into_iter().for_each(&mut word);
            word(addresses.chunk_by(follows).count() as u64);
            word(32);
            for run in addresses.chunk_by(follows) {
                if let [first, ..] = run {
                    let first = first.to_bits();
                    let last = first + run.len() as u32 - 1;
                    word(u64::from(first) | (u64::from(last) << 32));
                }
            }
        }
        XxHash64::oneshot(0, bytes.as_flattened())
    }
}

fn follows(one: &Ipv4Addr, next: &Ipv4Addr) -> bool {
    one.to_bits().checked_add(1) == Some(next.to_bits())
}

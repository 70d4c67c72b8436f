//! The plain engine's event: the same facts as ours, with plain lists, and the same digest

use std::hash::Hasher;
use std::net::Ipv4Addr;

use ipam_core::{InterfaceId, SubnetId, Timestamp};
use smallvec::SmallVec;
use twox_hash::XxHash64;

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
    Assigned { interface: InterfaceId, subnet: SubnetId, addresses: Vec<Ipv4Addr> },
    Released { interface: InterfaceId, subnet: SubnetId, addresses: Vec<Ipv4Addr> },
}

impl Event {
    /// The addresses of the only change
    pub(crate) fn addresses(&self) -> &[Ipv4Addr] {
        match self.changes.as_slice() {
            [Change::Assigned { addresses, .. } | Change::Released { addresses, .. }] => addresses,
            _ => &[],
        }
    }

    /// Digest of the history that this event is the last of: the bytes that ours feeds
    pub(crate) fn digest(&self) -> u64 {
        let mut digest = XxHash64::with_seed(0);
        digest.write(&self.parent.to_le_bytes());
        digest.write(&self.revision.to_le_bytes());
        digest.write(&self.at.millis().to_le_bytes());
        digest.write(&(self.changes.len() as u64).to_le_bytes());
        for change in &self.changes {
            let (kind, interface, subnet, addresses) = match change {
                Change::Assigned { interface, subnet, addresses } => {
                    (10, interface, subnet, addresses)
                }
                Change::Released { interface, subnet, addresses } => {
                    (12, interface, subnet, addresses)
                }
            };
            digest.write(&[kind]);
            text(&mut digest, interface.as_bytes());
            text(&mut digest, subnet.as_bytes());
            let runs = addresses.chunk_by(follows).count() as u64;
            digest.write(&runs.to_le_bytes());
            for run in addresses.chunk_by(follows) {
                if let [first, ..] = run {
                    address(&mut digest, *first);
                    address(
                        &mut digest,
                        Ipv4Addr::from_bits(first.to_bits() + run.len() as u32 - 1),
                    );
                }
            }
        }
        digest.finish()
    }
}

fn follows(one: &Ipv4Addr, next: &Ipv4Addr) -> bool {
    one.to_bits().checked_add(1) == Some(next.to_bits())
}

fn text(digest: &mut XxHash64, text: &[u8]) {
    digest.write(&(text.len() as u64).to_le_bytes());
    digest.write(text);
}

fn address(digest: &mut XxHash64, address: Ipv4Addr) {
    digest.write(&[32]);
    digest.write(&u128::from(address.to_bits()).to_le_bytes());
}

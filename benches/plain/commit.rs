//! Checking the plain engine's events, and carrying them out

use std::net::Ipv4Addr;

use super::assign::repeated;
use super::{Change, Event, Interface, Owner, Plain};

/// From so many released addresses on, an interface's list is gone through once for all of them
const MANY: usize = 8;

impl Plain {
    /// Carries out an event that fits: the next one, on this history, of facts that can be
    ///
    /// The code is that of ours.
    pub(crate) fn apply(&mut self, event: &Event) -> Result<(), u16> {
        self.check(event)?;
        self.commit(event);
        Ok(())
    }

    fn check(&self, event: &Event) -> Result<(), u16> {
        if event.revision != self.revision + 1 {
            return Err(800);
        }
        if event.parent != self.digest {
            return Err(801);
        }
        if event.at < self.clock {
            return Err(802);
        }
        let fits =
            !event.changes.is_empty() && event.changes.iter().all(|change| self.fits(change));
        if fits { Ok(()) } else { Err(803) }
    }

    fn fits(&self, change: &Change) -> bool {
        match change {
            Change::Assigned { interface, subnet, addresses } => {
                let Some(owner) = self.interfaces.get(interface) else { return false };
                let Some(from) = self.subnets.get(subnet) else { return false };
                let near = owner.home == *subnet
                    || self.subnets.get(&owner.home).is_some_and(|home| home.vpc == from.vpc);
                let vacant = |at: &Ipv4Addr| {
                    from.cidr.contains(at) && !from.owners.contains_key(&at.to_bits())
                };
                near && !addresses.is_empty()
                    && repeated(addresses).is_ok()
                    && addresses.iter().all(vacant)
            }
            Change::Released { interface, subnet, addresses } => {
                let Some(from) = self.subnets.get(subnet) else { return false };
                let held = |at: &Ipv4Addr| {
                    from.owners.get(&at.to_bits()).is_some_and(|of| of.interface == *interface)
                };
                self.interfaces.contains_key(interface)
                    && !addresses.is_empty()
                    && repeated(addresses).is_ok()
                    && addresses.iter().all(held)
            }
        }
    }

    /// Carries out an event that was decided on this very state, or checked against it
    pub(super) fn commit(&mut self, event: &Event) {
        for change in &event.changes {
            match change {
                Change::Assigned { interface: id, subnet, addresses } => {
                    let Some(interface) = self.interfaces.get_mut(id) else { continue };
                    let Some(subnet) = self.subnets.get_mut(subnet) else { continue };
                    subnet.owners.reserve(addresses.len());
                    for address in addresses {
                        let owner = Owner { interface: *id, generation: event.revision };
                        subnet.free.remove(&address.to_bits());
                        subnet.owners.insert(address.to_bits(), owner);
                    }
                    interface.addresses.extend_from_slice(addresses);
                }
                Change::Released { interface, subnet, addresses } => {
                    let Some(interface) = self.interfaces.get_mut(interface) else { continue };
                    let Some(subnet) = self.subnets.get_mut(subnet) else { continue };
                    for address in addresses {
                        subnet.owners.remove(&address.to_bits());
                        if subnet.is_given(*address) {
                            subnet.free.insert(address.to_bits());
                        }
                    }
                    interface.forget(addresses);
                }
            }
        }
        self.digest = event.digest();
        self.revision = event.revision;
        self.clock = event.at;
    }
}

impl Interface {
    fn forget(&mut self, released: &[Ipv4Addr]) {
        if released.len() < MANY {
            for address in released {
                if let Some(at) = self.addresses.iter().position(|of| of == address) {
                    self.addresses.remove(at);
                }
            }
        } else {
            let mut released = released.to_vec();
            released.sort_unstable();
            self.addresses.retain(|address| released.binary_search(address).is_err());
        }
    }
}

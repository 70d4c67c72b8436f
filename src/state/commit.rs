//! Writing changes into the tables; they fit, as judging or checking them has shown

use super::interface::Interface;
use super::owners::List;
use super::subnet::{Block, Subnet, cidrs};
use super::table::Ix;
use super::vpc::{SubnetMap, Vpc};
use super::{Place, Places, State};
use crate::event::{Change, Event};
use crate::id::{InterfaceId, Revision, SubnetId};
use crate::space::address::{Family, Span};
use crate::space::{list::AddrList, range::AddrRange};

impl State {
    /// Carries an event out that fits this state
    ///
    /// Where it does not fit, a change is left out: nothing here can fail half-way. `places` are those of
    /// these very tables that judging found.
    pub(crate) fn commit(&mut self, event: &Event, digest: u64, places: &Places) {
        for (index, change) in event.changes.iter().enumerate() {
            self.commit_change(change, event.revision, places.get(index).copied());
        }
        self.revision = event.revision;
        self.clock = event.at;
        self.digest = digest;
    }

    fn commit_change(&mut self, change: &Change, generation: Revision, place: Option<Place>) {
        match change {
            Change::VpcCreated { vpc, cidrs } => self.vpcs.insert(*vpc, Vpc::new(cidrs.clone())),
            Change::VpcDeleted { vpc } => {
                if let Some(ix) = self.vpcs.find(vpc) {
                    self.vpcs.remove(ix);
                }
            }
            Change::SubnetCreated { subnet, vpc, v4, v6, profile } => {
                let Some(vpc) = self.vpcs.find(vpc) else { return };
                self.subnets.insert(*subnet, Subnet::new(vpc, **profile, cidrs(*v4, *v6)));
                let Some(ix) = self.subnets.find(subnet) else { return };
                self.with_places(ix, |map, span| map.insert(span.first, (span.last, ix)));
            }
            Change::SubnetDeleted { subnet } => {
                let Some(ix) = self.subnets.find(subnet) else { return };
                self.with_places(ix, |map, span| map.remove(&span.first));
                self.subnets.remove(ix);
            }
            Change::InterfaceCreated { interface, subnet, status, quota } => {
                let Some(home) = self.subnets.find(subnet) else { return };
                self.interfaces.insert(*interface, Interface::new(home, *status, *quota));
                if let Some(home) = self.subnets.get_mut(home) {
                    home.homes = home.homes.saturating_add(1);
                }
            }
            Change::InterfaceDeleted { interface } => {
                let Some(ix) = self.interfaces.find(interface) else { return };
                let Some((_, gone)) = self.interfaces.remove(ix) else { return };
                if let Some(home) = self.subnets.get_mut(gone.home) {
                    home.homes = home.homes.saturating_sub(1);
                }
            }
            Change::StatusSet { interface, status } => {
                if let Some(interface) = self.interface_mut(interface) {
                    interface.status = *status;
                }
            }
            Change::QuotaSet { interface, quota } => {
                if let Some(interface) = self.interface_mut(interface) {
                    interface.quota = *quota;
                }
            }
            Change::PrimarySet { interface, address } => {
                if let Some(interface) = self.interface_mut(interface) {
                    *interface.primary.get_mut(Family::of(*address)) = Some(*address);
                }
            }
            Change::RangeReserved { subnet, range } => {
                if let Some((block, span)) = self.block_mut(subnet, *range) {
                    block.space.reserve(span);
                }
            }
            Change::RangeReleased { subnet, range } => {
                if let Some((block, span)) = self.block_mut(subnet, *range) {
                    block.space.unreserve(span);
                }
            }
            Change::Assigned { interface, subnet, addresses } => {
                let assign = |block: &mut Block, list: &mut List, owner, span| {
                    block.assign(list, span, owner, generation);
                };
                let place = place.or_else(|| self.place(interface, subnet));
                let gain = |interface: &mut Interface, _, run| interface.gain(run);
                self.with_runs(place, addresses, assign, gain);
            }
            Change::Released { interface, subnet, addresses } => {
                let release = |block: &mut Block, list: &mut List, _, span| {
                    block.release(list, span);
                };
                let place = place.or_else(|| self.place(interface, subnet));
                let lose = |interface: &mut Interface, from, run: AddrRange| {
                    interface.drop_list_if_empty(from, run.family());
                    interface.lose(run);
                };
                self.with_runs(place, addresses, release, lose);
            }
        }
    }

    fn place(&self, interface: &InterfaceId, subnet: &SubnetId) -> Option<Place> {
        let interface = self.interfaces.find(interface)?;
        Some(Place { interface, subnet: self.subnets.find(subnet)? })
    }

    /// Does something with each run of addresses of a subnet, and the interface's list that it is on
    fn with_runs(
        &mut self,
        place: Option<Place>,
        addresses: &AddrList,
        mut change: impl FnMut(&mut Block, &mut List, Ix<Interface>, Span),
        mut count: impl FnMut(&mut Interface, Ix<Subnet>, AddrRange),
    ) {
        let Some(Place { interface: owner, subnet: from }) = place else { return };
        let Some(interface) = self.interfaces.get_mut(owner) else { return };
        let Some(subnet) = self.subnets.get_mut(from) else { return };
        for run in addresses.ranges() {
            let Some(block) = subnet.block_mut(run.family()) else { continue };
            let Some(span) = block.offsets(run) else { continue };
            let Some(list) = interface.list_mut(from, run.family()) else { continue };
            change(block, list, owner, span);
            count(interface, from, run);
        }
    }

    /// Does something to the place of a subnet in its VPC's map of each family that it has
    fn with_places<T>(
        &mut self,
        ix: Ix<Subnet>,
        mut change: impl FnMut(&mut SubnetMap, Span) -> T,
    ) {
        let Some(subnet) = self.subnets.get(ix) else { return };
        let Some(vpc) = self.vpcs.get_mut(subnet.vpc) else { return };
        for block in subnet.blocks() {
            change(vpc.subnets.get_mut(block.family), block.span());
        }
    }

    fn interface_mut(&mut self, id: &InterfaceId) -> Option<&mut Interface> {
        let ix = self.interfaces.find(id)?;
        self.interfaces.get_mut(ix)
    }

    fn block_mut(&mut self, subnet: &SubnetId, range: AddrRange) -> Option<(&mut Block, Span)> {
        let ix = self.subnets.find(subnet)?;
        let block = self.subnets.get_mut(ix)?.block_mut(range.family())?;
        let span = block.offsets(range)?;
        Some((block, span))
    }
}

//! The target of a request: an interface, and a subnet of its VPC

use alloc::vec::Vec;
use core::net::IpAddr;

use super::lookup;
use crate::command::{Hold, Rest};
use crate::error::{Cause, Error};
use crate::id::{InterfaceId, SubnetId, Timestamp, VpcId};
use crate::rules::{Profile, QuotaRule};
use crate::space::address::Family;
use crate::state::Place;
use crate::state::index::Ix;
use crate::state::interface::Interface;
use crate::state::name::Name;
use crate::state::occupant::Occupant;
use crate::state::subnet::Subnet;
use crate::state::view::{BlockView, View};

/// An interface, and the subnet that a request is about
pub(in crate::engine) struct Target<'v> {
    pub(in crate::engine) ix: Ix<InterfaceId>,
    pub(in crate::engine) id: &'v InterfaceId,
    pub(in crate::engine) interface: &'v Interface,
    pub(in crate::engine) vpc_ix: Ix<VpcId>,
    pub(in crate::engine) subnet_ix: Ix<SubnetId>,
    pub(in crate::engine) subnet_name: &'v Name<SubnetId>,
    pub(in crate::engine) subnet: &'v Subnet,
    /// What the interface's home allows, whatever the subnet
    pub(in crate::engine) home_profile: &'v Profile,
}

impl<'v> Target<'v> {
    /// The interface, and the subnet of its VPC that is named, or else its home
    #[inline(always)]
    pub(in crate::engine) fn find(
        view: &'v View<'_>,
        id: &'v InterfaceId,
        vpc: Option<&VpcId>,
        subnet: Option<&SubnetId>,
    ) -> Result<Self, Error> {
        match Self::known(view, id, vpc, subnet) {
            Some(target) => Ok(target),
            None => Err(Self::unknown(view, id, vpc, subnet)),
        }
    }

    /// The same, without saying what it is that is not known
    #[inline(always)]
    pub(in crate::engine) fn known(
        view: &'v View<'_>,
        id: &'v InterfaceId,
        vpc: Option<&VpcId>,
        subnet: Option<&SubnetId>,
    ) -> Option<Self> {
        let ix = view.find_interface(id)?;
        let interface = view.interface(ix)?;
        let (name, home) = view.named_subnet(interface.home)?;
        let (vpc_ix, home_profile) = (home.vpc, &*home.profile);
        if vpc.is_some_and(|vpc| view.find_vpc(vpc) != Some(vpc_ix)) {
            return None;
        }
        let at_home = (interface.home, name, home);
        let (subnet_ix, subnet_name, subnet) = match subnet {
            None => at_home,
            Some(named) => subnet_of(view, vpc_ix, named)?,
        };
        Some(Self { ix, id, interface, vpc_ix, subnet_ix, subnet_name, subnet, home_profile })
    }

    /// What of them is not known, or does not belong together
    #[cold]
    fn unknown(
        view: &'v View<'_>,
        id: &'v InterfaceId,
        vpc: Option<&VpcId>,
        subnet: Option<&SubnetId>,
    ) -> Error {
        let told = || {
            let vpc = lookup::requested_vpc(view, vpc)?;
            let subnet = subnet.map(|id| lookup::named_subnet(view, id)).transpose()?;
            Self::of(view, id, lookup::interface(view, id)?, vpc)?;
            Ok(subnet.map(|(_, name, _)| name.id()))
        };
        match told() {
            Err(refused) => refused,
            Ok(Some(subnet)) => Error::SubnetNotInVpc { subnet, interface: *id },
            Ok(None) => Error::InterfaceNotFound(*id),
        }
    }

    /// An interface and each of several subnets of its VPC, in order
    pub(in crate::engine) fn find_each(
        view: &'v View<'_>,
        id: &'v InterfaceId,
        vpc: Option<&VpcId>,
        subnets: &[SubnetId],
    ) -> Result<Vec<Self>, Error> {
        let vpc = lookup::requested_vpc(view, vpc)?;
        let named = subnets.iter().map(|subnet| lookup::named_subnet(view, subnet));
        let named = named.collect::<Result<Vec<_>, Error>>()?;
        let home = Self::of(view, id, lookup::interface(view, id)?, vpc)?;
        let other = named.iter().find(|(.., subnet)| subnet.vpc != home.vpc_ix);
        if let Some((_, name, _)) = other {
            let subnet = name.id();
            return Err(Error::SubnetNotInVpc { subnet, interface: *id });
        }
        let of = |(subnet_ix, subnet_name, subnet)| Self { subnet_ix, subnet_name, subnet, ..home };
        Ok(named.into_iter().map(of).collect())
    }

    /// An interface that was found, and its home, if it is in the VPC that the request names
    #[inline(always)]
    pub(in crate::engine) fn of(
        view: &'v View<'_>,
        id: &'v InterfaceId,
        (ix, interface): (Ix<InterfaceId>, &'v Interface),
        vpc: Option<(VpcId, Ix<VpcId>)>,
    ) -> Result<Self, Error> {
        let missing = || Error::InterfaceNotFound(*id);
        let subnet_ix = interface.home;
        let (subnet_name, home) = view.named_subnet(subnet_ix).ok_or_else(missing)?;
        if let Some((vpc, _)) = vpc.filter(|&(_, vpc)| vpc != home.vpc) {
            return Err(Error::InterfaceNotInVpc { interface: *id, vpc });
        }
        let (vpc_ix, home_profile) = (home.vpc, &home.profile);
        Ok(Self { ix, id, interface, vpc_ix, subnet_ix, subnet_name, subnet: home, home_profile })
    }

    /// The interface, and another subnet of its VPC
    pub(in crate::engine) fn in_subnet<'o>(
        &'o self,
        view: &'o View<'_>,
        subnet_id: SubnetId,
        subnet_ix: Ix<SubnetId>,
    ) -> Result<Target<'o>, Error> {
        let found = view.named_subnet(subnet_ix).ok_or(Error::SubnetNotFound(subnet_id));
        let (subnet_name, subnet) = found?;
        Ok(Target { subnet_ix, subnet_name, subnet, ..*self })
    }

    /// Whether the interface's state allows assignments
    #[inline]
    pub(in crate::engine) fn may_gain(&self) -> bool {
        self.home_profile.assign_in.contains(self.interface.status)
    }

    /// Refuses an interface whose state does not allow assignments
    pub(in crate::engine) fn judge_status(&self) -> Result<(), Error> {
        if self.may_gain() {
            return Ok(());
        }
        Err(Error::Status { interface: *self.id, status: self.interface.status })
    }

    /// Whether a task of the interface prevents other changes
    #[inline]
    pub(in crate::engine) fn is_busy(&self, view: &View<'_>) -> bool {
        self.home_profile.one_task && view.unfinished(self.ix).next().is_some()
    }

    /// Refuses an interface with a task that prevents other changes
    pub(in crate::engine) fn judge_tasks(&self, view: &View<'_>) -> Result<(), Error> {
        if self.is_busy(view) { Err(self.task_running(view)) } else { Ok(()) }
    }

    /// The primary of a family, if the interface's home says that it is not released as other addresses are
    #[inline]
    pub(in crate::engine) fn kept_primary(&self, family: Family) -> Option<IpAddr> {
        if self.home_profile.unassign_primary { None } else { self.interface.primary(family) }
    }

    /// Whether the quota has room for this many more slots of one family
    #[inline]
    pub(in crate::engine) fn has_room(&self, family: Family, more: u64) -> bool {
        let Some(quota) = self.interface.quota() else { return true };
        fits(quota, self.interface.slots(family, self.home_profile.quota), more)
    }

    /// The refusal because of an unfinished task of the interface
    #[cold]
    pub(in crate::engine) fn task_running(&self, view: &View<'_>) -> Error {
        let task = view.unfinished(self.ix).next().unwrap_or_default();
        Error::TaskRunning { interface: *self.id, task }
    }

    /// Checks that the quota has room for this many more slots of each family
    #[inline]
    pub(in crate::engine) fn judge_quota(&self, more: impl Fn(Family) -> u64) -> Result<(), Error> {
        quota(self.interface, self.id, self.home_profile.quota, more)
    }

    pub(in crate::engine) fn subnet(&self) -> (&'v Name<SubnetId>, &'v Subnet) {
        (self.subnet_name, self.subnet)
    }

    pub(in crate::engine) fn subnet_id(&self) -> SubnetId {
        self.subnet_name.id()
    }

    pub(in crate::engine) fn place(&self) -> Place {
        Place { interface: self.ix, subnet: self.subnet_ix }
    }

    #[inline(always)]
    pub(in crate::engine) fn block<'w>(
        &self,
        view: &'w View<'_>,
        family: Family,
    ) -> Result<BlockView<'w>, Error> {
        match view.block(self.subnet_ix, family) {
            Some(block) => Ok(block),
            None => Err(Error::FamilyUnsupported { subnet: self.subnet_id(), family }),
        }
    }
}

/// When an address of a subnet that is released now is free
pub(in crate::engine) fn free_at(view: &View<'_>, subnet: Ix<SubnetId>, rest: &Rest) -> Timestamp {
    let usual = || view.subnet(subnet).map_or(0, |subnet| subnet.profile.quarantine.millis);
    view.at().after(rest.millis.unwrap_or_else(usual))
}

/// Checks that an interface, which may be a new one, has room for this many more slots of each family
pub(in crate::engine) fn quota(
    interface: &Interface,
    id: &InterfaceId,
    rule: QuotaRule,
    more: impl Fn(Family) -> u64,
) -> Result<(), Error> {
    let Some(quota) = interface.quota() else { return Ok(()) };
    let judge = |held: u64, wanted: u64| match fits(quota, held, wanted) {
        true => Ok(()),
        false => Err(Error::Quota { interface: *id, quota, held, wanted }),
    };
    if rule.per_family {
        let each = |family| judge(interface.slots(family, rule), more(family));
        Family::ALL.into_iter().try_for_each(each)
    } else {
        let wanted = more(Family::V4).saturating_add(more(Family::V6));
        judge(interface.slots(Family::V4, rule), wanted)
    }
}

/// Whether a quota has room for so much more than is held: for nothing more, always
#[inline]
fn fits(quota: u32, held: u64, wanted: u64) -> bool {
    wanted == 0 || held.saturating_add(wanted) <= quota.into()
}

/// A subnet of a VPC by its id
#[inline]
fn subnet_of<'v>(
    view: &'v View<'_>,
    vpc: Ix<VpcId>,
    id: &SubnetId,
) -> Option<(Ix<SubnetId>, &'v Name<SubnetId>, &'v Subnet)> {
    let ix = view.find_subnet(id)?;
    let (name, subnet) = view.named_subnet(ix)?;
    (subnet.vpc == vpc).then_some((ix, name, subnet))
}

/// Where an address lies, and what occupies it
#[derive(Clone, Copy)]
pub(in crate::engine) struct Location {
    pub(in crate::engine) subnet: Ix<SubnetId>,
    pub(in crate::engine) occupant: Option<Occupant>,
    /// Whether that has it as part of a prefix
    pub(in crate::engine) in_prefix: bool,
}

impl Location {
    /// Why an address that is part of an interface's prefix may not be assigned by itself
    pub(in crate::engine) fn prefix_cause(
        &self,
        view: &View<'_>,
        address: IpAddr,
    ) -> Option<Cause> {
        if self.in_prefix { in_prefix(view, self.subnet, address) } else { None }
    }
}

#[cold]
fn in_prefix(view: &View<'_>, subnet: Ix<SubnetId>, address: IpAddr) -> Option<Cause> {
    let block = view.block(subnet, Family::of(address))?;
    let offset = block.offset(address)?;
    let by = view.interface_id(block.occupant(offset)?.interface()?)?;
    let prefix = block.prefix(block.prefix_at(offset)?);
    Some(Cause::InPrefix { by, prefix })
}

/// The subnet of the interface's VPC that an address lies in, and what occupies it
///
/// It is looked for in a likely one first.
#[inline(always)]
pub(in crate::engine) fn find(
    view: &View<'_>,
    target: &Target<'_>,
    likely: Ix<SubnetId>,
    address: IpAddr,
) -> Option<Location> {
    if let Some(found) = occupant(view, likely, address) {
        return Some(found);
    }
    let other = view.subnet_at(target.vpc_ix, address)?;
    occupant(view, other, address)
}

/// Who or what has an address, if anybody, of a subnet that it lies in
#[inline(always)]
fn occupant(view: &View<'_>, subnet: Ix<SubnetId>, address: IpAddr) -> Option<Location> {
    let block = view.block(subnet, Family::of(address))?;
    let offset = block.offset(address)?;
    let occupant = block.occupant(offset);
    let in_prefix = occupant.is_some() && block.prefix_at(offset).is_some();
    Some(Location { subnet, occupant, in_prefix })
}

/// Refuses a hold whose deadline does not lie ahead
pub(in crate::engine) fn judge_hold(view: &View<'_>, hold: Option<&Hold>) -> Result<(), Error> {
    hold.map_or(Ok(()), |hold| lies_ahead(view, hold.until))
}

/// Refuses a deadline that does not lie ahead
pub(in crate::engine) fn lies_ahead(view: &View<'_>, deadline: Timestamp) -> Result<(), Error> {
    let now = view.at();
    if deadline > now { Ok(()) } else { Err(Error::DeadlinePassed { deadline, now }) }
}

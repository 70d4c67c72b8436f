//! The operation `assign`

use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrList, AddrRange, Assign, Command, EnsureCount, Error, Family, InterfaceId, Pick, Role,
    Wanted,
};

use crate::answer::Answer;
use crate::case::Op;
use crate::runner::{MALFORMED, Outcome, family};
use crate::space;
use crate::world::{Subnet, World};

/// What an `assign` says, and where it is to be carried out
struct Request {
    subnet: Subnet,
    interface: InterfaceId,
    list: Vec<Wanted>,
    count: Option<u128>,
    range: Option<AddrRange>,
    /// The range, or else the part of the subnet that the case uses
    within: Option<AddrRange>,
    reassign: bool,
    /// Whether those listed may be reserved from being chosen
    auto_only: bool,
}

impl Request {
    fn pick(&self, count: Option<u128>) -> Pick {
        let mut pick = Pick::these(self.list.iter().copied());
        pick.count = count.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        pick.family = self.range.map(|range| range.family());
        pick.within = self.within;
        pick.auto_only = self.auto_only;
        pick
    }

    /// The list, and so many more
    fn command(&self, count: Option<u128>) -> Command {
        let assign = Assign::new(self.interface, self.pick(count)).from_subnet(self.subnet.id);
        if self.reassign { assign.reassign().into() } else { assign.into() }
    }

    fn lists(&self, address: IpAddr) -> bool {
        self.list.iter().any(|wanted| wanted.address == address)
    }
}

impl<'c> World<'c> {
    pub(crate) fn assign(&mut self, op: &'c Op) -> Outcome {
        let Some(list) = wanted(op)? else { return MALFORMED };
        let range = op.args.text("range")?.map(space::range);
        if range == Some(None) {
            return MALFORMED;
        }
        let range = range.flatten();
        let count = match op.args.value("count") {
            Some(count) if count.as_i64().is_some_and(|count| count < 0) => Some(0),
            _ => op.args.number("count")?,
        };
        let first = list.first().map(|wanted| wanted.address);
        let subnet = self.subnet_at(first.or(range.map(|range| range.first())))?;
        let interface = match op.args.text("owner")? {
            Some(owner) => self.owner(owner)?,
            None => self.new_interface()?,
        };
        let window = self.window(subnet.net);
        let band = match op.args.value("band").filter(|band| *band != false) {
            None => None,
            Some(band) => {
                let [lower, upper] = self.bands(subnet.net);
                let band = match band.as_str() {
                    Some("lower") => lower,
                    Some("upper") => upper,
                    _ => return Err(format!("unknown `band`: {band}")),
                };
                Some(band.filter(|_| list.is_empty()))
            }
        };
        if band == Some(None) && list.is_empty() && count.is_some_and(|count| count > 0) {
            return Ok(Answer::Refused("exhausted"));
        }
        let within = range.or(band.flatten()).or(window);
        let reassign = op.args.flag("allow_reassignment")?;
        let auto_only = match op.args.text("override")? {
            None => false,
            Some("auto_only") => true,
            Some(other) => return Err(format!("unknown `override`: `{other}`")),
        };
        // What is said in vain is refused, also in a case that uses only a part of the subnet.
        let in_vain = (reassign || auto_only) && list.is_empty() && range.is_none();
        let within = if in_vain { None } else { within };
        let request =
            Request { subnet, interface, list, count, range, within, reassign, auto_only };
        let command = request.command(count);

        // A range may reach beyond the window but not beyond the subnet, which the engine cannot know;
        // and a command asks for no more than 2^32 - 1. Both would be refused later than the rest.
        let beyond = window.zip(range).is_some_and(|(window, range)| {
            AddrRange::from(subnet.net).contains(range.last())
                && space::common(window, range) != Some(range)
        });
        let too_many = count.is_some_and(|count| count > u32::MAX.into());
        if beyond || too_many {
            let late = if beyond { "out_of_range" } else { "exhausted" };
            return match self.engine.decide(self.now, &command) {
                Err(error) if !beyond || error.code() < 510 => self.refusal(&error, subnet.net),
                Ok(_) if too_many && !self.has_fewer(subnet, count) => {
                    Err("the count is beyond one command".into())
                }
                _ => Ok(Answer::Refused(late)),
            };
        }

        // The profile gives an interface its own addresses again. A strict operation is refused at the
        // first of them, unless something that comes before that is at fault.
        let own = |wanted: &Wanted| self.holder(wanted.address) == Some(interface);
        let strict = op.args.flag("strict")?;
        if let Some(first_own) = request.list.iter().position(own).filter(|_| strict) {
            return match self.engine.decide(self.now, &command) {
                Err(Error::Addresses(faults)) if faults.lowest().index < first_own => {
                    self.refusal(&Error::Addresses(faults), subnet.net)
                }
                Err(error) if error.code() < 510 => self.refusal(&error, subnet.net),
                _ => Ok(Answer::Refused("in_use")),
            };
        }

        let counts = !in_vain
            && count.is_some_and(|count| count > 0)
            && (request.list.is_empty() || self.case.provider != "zenlayer");
        let given = if counts && op.args.flag("idempotent")? {
            self.assign_missing(&request)?
        } else {
            self.execute(command)?.map(|decision| decision.answer().clone())
        };
        let answer = match given {
            Ok(answer) => answer,
            Err(error) => return self.refusal(&error, subnet.net),
        };
        self.check_given(&answer, interface, within.unwrap_or(subnet.net.into()))?;
        self.last_assigned = answer.iter().last().or(self.last_assigned);
        Ok(Answer::Addresses(answer))
    }

    /// One address of each subnet, or none of any; a subnet that is not there yet is made
    pub(crate) fn assign_each(&mut self, op: &'c Op) -> Outcome {
        let texts = op.args.texts("subnets")?.ok_or("no `subnets`")?;
        let nets: Option<Vec<IpNet>> = texts.into_iter().map(space::net).collect();
        let Some(nets) = nets else { return MALFORMED };
        let mut subnets = Vec::new();
        for net in nets {
            subnets.push(match self.subnet(net) {
                Ok(made) => made,
                Err(_) => match self.add_subnet(net)? {
                    Ok(_) => self.subnet(net)?,
                    Err(error) => return self.refusal(&error, net),
                },
            });
        }
        let interface = match op.args.text("owner")? {
            Some(owner) => self.owner(owner)?,
            None => self.new_interface()?,
        };
        let ids = subnets.iter().map(|subnet| subnet.id);
        let assign = Assign::new(interface, Pick::any(1)).from_each(ids);
        let decision = match self.execute(assign)? {
            Ok(decision) => decision,
            Err(error) => return self.refusal(&error, self.home()?.net),
        };
        for (subnet, (id, given)) in subnets.iter().zip(decision.given()) {
            if subnet.id != id {
                return Err(format!("{given} is of {id}, not of {}", subnet.id));
            }
            self.check_given(given, interface, subnet.net.into())?;
        }
        self.last_assigned = decision.answer().iter().last().or(self.last_assigned);
        Ok(Answer::Addresses(decision.answer().clone()))
    }

    /// So many without a gap; too few free ones are no range either
    pub(crate) fn assign_range(&mut self, op: &'c Op) -> Outcome {
        let size = op.args.number("size")?.ok_or("no `size`")?;
        let subnet = self.home()?;
        let interface = match op.args.text("owner")? {
            Some(owner) => self.owner(owner)?,
            None => self.new_interface()?,
        };
        let Ok(size) = u32::try_from(size) else { return Ok(Answer::Refused("no_range")) };
        let mut pick = Pick::any(size).contiguous();
        pick.within = self.window(subnet.net);
        let within = pick.within.unwrap_or(subnet.net.into());
        match self.execute(Assign::new(interface, pick).from_subnet(subnet.id))? {
            Ok(decision) => {
                let answer = decision.answer().clone();
                self.check_given(&answer, interface, within)?;
                self.last_assigned = answer.iter().last();
                Ok(Answer::Ranges(answer.ranges().collect()))
            }
            Err(Error::Exhausted { .. } | Error::TooMany { .. }) => Ok(Answer::Refused("no_range")),
            Err(error) => self.refusal(&error, subnet.net),
        }
    }

    /// An idempotent count: what the owner has beside the list counts, its earliest first
    fn assign_missing(&mut self, request: &Request) -> Result<Result<AddrList, Error>, String> {
        let Request { subnet, interface, list, within, .. } = request;
        let of = request.range.map_or(family(*subnet), |range| range.family());
        let count = usize::try_from(request.count.unwrap_or(0)).unwrap_or(usize::MAX);
        let all = self.engine.addresses(*interface).into_iter().flatten();
        let had: Vec<_> = all
            .filter(|had| had.subnet == subnet.id && Family::of(had.address) == of)
            .filter(|had| within.is_none_or(|within| within.contains(had.address)))
            .filter(|had| !request.lists(had.address))
            .collect();
        let primaries = had.iter().filter(|had| had.role == Role::Primary).count();
        let kept = had.iter().map(|had| had.address).take(count);

        // The engine counts secondary addresses of a whole subnet, and in a case a primary counts too.
        if list.is_empty() && within.is_none() {
            let ensured = u32::try_from(count.saturating_sub(primaries)).unwrap_or(u32::MAX);
            let ensure = EnsureCount::at_least(*interface, ensured).from_subnet(subnet.id);
            let decision = match self.execute(ensure.family(of))? {
                Ok(decision) => decision,
                Err(error) => return Ok(Err(error)),
            };
            let secondaries = had.iter().filter(|had| had.role == Role::Secondary);
            let mut answer = decision.answer().iter();
            if !secondaries.map(|had| Some(had.address)).all(|had| answer.next() == had) {
                return Err(format!("{} is not what it had, and more", decision.answer()));
            }
            return Ok(Ok(kept.chain(answer).collect()));
        }

        // All but quota and capacity is judged on what was said.
        match self.engine.decide(self.now, &request.command(request.count)) {
            Err(error) if error.code() < 600 => return Ok(Err(error)),
            _ => {}
        }
        let missing = count.saturating_sub(had.len());
        let mut given = AddrList::new();
        if missing > 0 || !list.is_empty() {
            let missing = (missing > 0).then_some(missing as u128);
            match self.execute(request.command(missing))? {
                Ok(decision) => given = decision.answer().clone(),
                Err(error) => return Ok(Err(error)),
            }
        }
        let (named, chosen) = (given.iter().take(list.len()), given.iter().skip(list.len()));
        Ok(Ok(named.chain(kept).chain(chosen).collect()))
    }

    /// What must hold of any addresses given, whatever is expected of them
    fn check_given(
        &self,
        given: &AddrList,
        interface: InterfaceId,
        within: AddrRange,
    ) -> Result<(), String> {
        let distinct: u128 = space::unite(given.ranges()).iter().map(AddrRange::count).sum();
        if distinct != given.count() {
            return Err(format!("{given} has an address twice"));
        }
        for run in given.ranges() {
            for address in [run.first(), run.last()] {
                if !within.contains(address) {
                    return Err(format!("{address} lies outside {within}"));
                }
                if self.holder(address) != Some(interface) {
                    return Err(format!("{address} was given, but to nobody"));
                }
            }
        }
        Ok(())
    }

    fn has_fewer(&self, subnet: Subnet, count: Option<u128>) -> bool {
        self.counts(subnet).is_ok_and(|usage| Some(usage.free) < count)
    }
}

/// The addresses that an `assign` names, in order; `None` if one is malformed
fn wanted(op: &Op) -> Result<Option<Vec<Wanted>>, String> {
    let read = |texts: Vec<&str>| texts.iter().map(|text| text.parse().ok()).collect();
    let mut named: Vec<&str> = op.args.text("addr")?.into_iter().collect();
    named.extend(op.args.texts("addrs")?.unwrap_or_default());
    let named: Option<Vec<IpAddr>> = read(named);
    let primary: Option<Vec<IpAddr>> = read(op.args.texts("primary")?.unwrap_or_default());
    let (Some(mut named), Some(primary)) = (named, primary) else { return Ok(None) };
    // To flag an address is to ask for it.
    let unnamed: Vec<IpAddr> =
        primary.iter().filter(|address| !named.contains(address)).copied().collect();
    named.extend(unnamed);
    let wanted =
        named.into_iter().map(|address| Wanted { address, primary: primary.contains(&address) });
    Ok(Some(wanted.collect()))
}

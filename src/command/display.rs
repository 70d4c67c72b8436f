//! Commands on one line each, for logs
//!
//! Every field that differs from what is usual is said; long lists are cut short. Every variant and every
//! field is taken apart by name, so that a new one is not forgotten here.

use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use ipnet::IpNet;

use super::{
    Adopt, Assign, Cancel, Command, CreateInterface, CreateSubnet, EnsureCount, Expiry, Hold,
    Limits, Move, NewCidr, OldPrimary, Once, Pick, Primary, ReplacePrimary, Reshape, Resolve, Rest,
    Source, Stale, Unassign, Wanted, WantedPrefix,
};
use crate::space::Reservation;
use crate::text::{Few, Maybe, when};

/// One line: what is asked for, as one would say it
///
/// ```
/// use ipam_core::{Assign, Command, Pick};
///
/// let assign = Assign::new("eni-1".parse()?, Pick::any(2)).from_subnet("subnet-a".parse()?);
/// assert_eq!(Command::from(assign).to_string(), "assign any 2 to eni-1 from subnet-a");
/// # Ok::<(), ipam_core::IdError>(())
/// ```
impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateVpc { vpc, cidrs } if cidrs.is_empty() => {
                write!(f, "create VPC {vpc} anywhere")
            }
            Self::CreateVpc { vpc, cidrs } => {
                write!(f, "create VPC {vpc} within {}", Few(cidrs.iter()))
            }
            Self::DeleteVpc { vpc } => write!(f, "delete VPC {vpc}"),
            Self::CreateSubnet(request) => request.fmt(f),
            Self::Reshape(request) => request.fmt(f),
            Self::DeleteSubnet { subnet } => write!(f, "delete subnet {subnet}"),
            Self::CreateInterface(request) => request.fmt(f),
            Self::DeleteInterface { interface } => write!(f, "delete interface {interface}"),
            Self::SetStatus { interface, status } => {
                write!(f, "set the state of {interface} to {status}")
            }
            Self::SetQuota { interface, quota: Some(quota) } => {
                write!(f, "set the quota of {interface} to {quota}")
            }
            Self::SetQuota { interface, quota: None } => write!(f, "lift the quota of {interface}"),
            Self::ReserveRange { subnet, range, kind } => {
                write!(f, "reserve {range} of {subnet}{}", of_kind(*kind))
            }
            Self::ReleaseRange { subnet, range } => {
                write!(f, "end the reservation of {range} of {subnet}")
            }
            Self::SetIndices { subnet, indices } => {
                write!(f, "set the indices of {subnet} to {indices}")
            }
            Self::SetPolicy { subnet, policy } => {
                write!(f, "choose from {subnet} {policy}")
            }
            Self::SetCursor { subnet, address } => {
                write!(f, "look at {address} first in {subnet}")
            }
            Self::Assign(request) => request.fmt(f),
            Self::Adopt(request) => request.fmt(f),
            Self::EnsureCount(request) => request.fmt(f),
            Self::Unassign(request) => request.fmt(f),
            Self::Move(request) => request.fmt(f),
            Self::ReplacePrimary(request) => request.fmt(f),
            Self::Confirm { task } => write!(f, "confirm task {task}"),
            Self::Cancel(request) => request.fmt(f),
            Self::Resolve(request) => request.fmt(f),
            Self::Once(request) => request.fmt(f),
            Self::SetLimits { limits } => write!(f, "set the limits to {limits}"),
            Self::Sweep => f.write_str("sweep"),
        }
    }
}

/// How a reserved range differs from one that nobody gets
pub(crate) const fn of_kind(kind: Reservation) -> &'static str {
    match kind {
        Reservation::Hard => "",
        Reservation::AutoOnly => " from being chosen",
        Reservation::PrefixOnly => " for prefixes",
    }
}

impl Display for CreateSubnet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, vpc, v4, v6, profile: _ } = self;
        write!(f, "create subnet {subnet} in {vpc}")?;
        match (v4, v6) {
            (Some(v4), Some(v6)) => write!(f, " with {v4} and {v6}"),
            (v4, v6) => {
                write!(f, "{}{}", Maybe(" with ", v4.as_ref()), Maybe(" with ", v6.as_ref()))
            }
        }
    }
}

impl Display for Reshape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, v4, v6, profile, strict } = self;
        write!(f, "reshape subnet {subnet}{}{}", Becomes("IPv4", v4), Becomes("IPv6", v6))?;
        f.write_str(when(profile.is_some(), ", under other rules"))?;
        f.write_str(when(*strict, ", strictly"))
    }
}

/// What becomes of the addresses of a family, after a comma; nothing where they stay
struct Becomes<'n, N>(&'static str, &'n NewCidr<N>);

impl<N: Display> Display for Becomes<'_, N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self(_, NewCidr::Kept) => Ok(()),
            Self(family, NewCidr::Dropped) => write!(f, ", without {family}"),
            Self(_, NewCidr::Set(cidr)) => write!(f, ", with {cidr}"),
        }
    }
}

impl Display for CreateInterface {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, subnet, status, quota, primary_v4, primary_v6, auto_only } = self;
        write!(
            f,
            "create interface {interface} in {subnet}, {status}{}",
            Maybe(", quota ", *quota)
        )?;
        for (family, primary) in [("IPv4", primary_v4.wide()), ("IPv6", primary_v6.wide())] {
            if primary != Primary::Absent {
                write!(f, ", {family} primary {primary}")?;
            }
        }
        f.write_str(when(*auto_only, EVEN_AUTO_ONLY))
    }
}

const EVEN_AUTO_ONLY: &str = ", even if reserved from being chosen";

impl<A: Display> Display for Primary<A> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("none"),
            Self::Chosen => f.write_str("any"),
            Self::Named(address) => address.fmt(f),
        }
    }
}

impl Display for Assign {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, from, pick, reassign, hold } = self;
        write!(f, "assign {} to {interface}{}", Which(pick), Maybe(" of ", *vpc))?;
        write!(f, "{from}{}", Where(pick))?;
        f.write_str(when(*reassign, ", even if others have them"))?;
        write!(f, "{}", Maybe(", held until ", *hold))
    }
}

/// After the rest of a request; nothing where it is the home
impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => Ok(()),
            Self::Subnet(subnet) => write!(f, " from {subnet}"),
            Self::Each(subnets) => write!(f, " from each of {}", Few(subnets.iter())),
            Self::First(subnets) => write!(f, " from the first of {}", Few(subnets.iter())),
        }
    }
}

impl Display for Adopt {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, addresses } = self;
        write!(f, "adopt {} for {interface}{}", Few(addresses.iter()), Maybe(" of ", *vpc))
    }
}

impl Display for Pick {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Which(self), Where(self))
    }
}

/// Where a pick chooses, and how
struct Where<'p>(&'p Pick);

impl Display for Where<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Pick { list: _, count: _, family: _, prefixes: _, within, auto_only, .. } = self.0;
        let Pick { policy, preferred, contiguous, .. } = self.0;
        write!(f, "{}", Maybe(" within ", *within))?;
        f.write_str(when(*auto_only, EVEN_AUTO_ONLY))?;
        write!(f, "{}", Maybe(", ", *policy))?;
        if !preferred.is_empty() {
            write!(f, ", preferring {}", Few(preferred.iter()))?;
        }
        f.write_str(when(*contiguous, ", without a gap"))
    }
}

/// The list, the count and the prefixes of a pick
struct Which<'p>(&'p Pick);

impl Display for Which<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Pick { list, count, family, prefixes, .. } = self.0;
        if !list.is_empty() || (count.is_none() && prefixes.is_empty()) {
            write!(f, "{}", Few(list.iter()))?;
        }
        if let Some(count) = count {
            let and = when(!list.is_empty(), " and ");
            write!(f, "{and}any {count}{}", Maybe(" ", *family))?;
        }
        if !prefixes.is_empty() {
            let and = when(!list.is_empty() || count.is_some(), " and ");
            write!(f, "{and}{}", Few(prefixes.iter()))?;
        }
        Ok(())
    }
}

impl Display for Wanted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { address, primary } = self;
        write!(f, "{address}{}", when(*primary, " as primary"))
    }
}

impl Display for WantedPrefix {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(prefix) => prefix.fmt(f),
            Self::Any { prefix_len, count, family } => {
                write!(f, "any {count}{} /{prefix_len}", Maybe(" ", *family))
            }
        }
    }
}

/// Addresses, and prefixes
struct Named<'n>(&'n [IpAddr], &'n [IpNet]);

impl Display for Named<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(addresses, prefixes) = self;
        if !addresses.is_empty() || prefixes.is_empty() {
            Few(addresses.iter()).fmt(f)?;
        }
        if !prefixes.is_empty() {
            let and = when(!addresses.is_empty(), " and ");
            write!(f, "{and}{}", Few(prefixes.iter()))?;
        }
        Ok(())
    }
}

impl Display for EnsureCount {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, subnet, family, count, exact, hold } = self;
        let how = if *exact { "exactly" } else { "at least" };
        write!(f, "ensure {how} {count}{} for {interface}", Maybe(" ", *family))?;
        write!(f, "{}{}", Maybe(" of ", *vpc), Maybe(" from ", *subnet))?;
        write!(f, "{}", Maybe(", held until ", *hold))
    }
}

impl Display for Unassign {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, addresses, prefixes, generation, stale, rest } = self;
        write!(f, "unassign {} from {interface}", Named(addresses, prefixes))?;
        write!(f, "{}", Maybe(" of ", *vpc))?;
        let condition = match stale {
            Stale::Refuse => ", of generation ",
            Stale::Ignore => ", if of generation ",
        };
        // Without a generation, it still says what becomes of addresses that the interface has not.
        match (generation, stale) {
            (None, Stale::Refuse) => {}
            (None, Stale::Ignore) => f.write_str(", if it has them")?,
            (Some(generation), _) => write!(f, "{condition}{generation}")?,
        }
        AndRest(rest).fmt(f)
    }
}

/// How what is released rests, after a comma; nothing where that is as usual
struct AndRest<'r>(&'r Rest);

impl Display for AndRest<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Rest { millis, reason } = self.0;
        match millis {
            None => {}
            Some(0) => f.write_str(", without rest")?,
            Some(millis) => write!(f, ", to rest for {millis} ms")?,
        }
        write!(f, "{}", Maybe(", because of ", *reason))
    }
}

impl Display for Move {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { from, to, vpc, addresses, prefixes } = self;
        let named = Named(addresses, prefixes);
        write!(f, "move {named} from {from} to {to}{}", Maybe(" of ", *vpc))
    }
}

impl Display for ReplacePrimary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, family, primary, old, auto_only } = self;
        write!(f, "replace the {family} primary of {interface}{}", Maybe(" of ", *vpc))?;
        write!(f, " by {primary}")?;
        f.write_str(when(*auto_only, EVEN_AUTO_ONLY))?;
        f.write_str(match old {
            OldPrimary::Release => "",
            OldPrimary::Keep => ", and keep the old one",
        })
    }
}

impl Display for Hold {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { until, expiry, keep_until, request } = self;
        let then = match expiry {
            Expiry::Release => "",
            Expiry::Unknown => ", then unknown",
        };
        write!(f, "{until}{then}")?;
        if keep_until > until {
            write!(f, ", its task kept until {keep_until}")?;
        }
        write!(f, "{}", Maybe(", for request ", *request))
    }
}

impl Display for Cancel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task, reason, rest } = self;
        write!(f, "cancel task {task}{}{}", Maybe(" because of ", *reason), AndRest(rest))
    }
}

impl Display for Resolve {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task, observed, prefixes, rest } = self;
        let observed = Named(observed, prefixes);
        write!(f, "resolve task {task} with {observed} observed{}", AndRest(rest))
    }
}

impl Display for Once {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { token, until, command } = self;
        write!(f, "once under token {token} until {until}: ")?;
        match &**command {
            // It is refused, however deep.
            Command::Once(_) => f.write_str("a command done once"),
            command => command.fmt(f),
        }
    }
}

impl Display for Limits {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { tokens, tasks, runs } = self;
        write!(f, "{tokens} tokens, {tasks} tasks, {runs} runs")
    }
}

//! Events on one line each, for logs
//!
//! `+` and `-` stand before what an interface is given and what is taken from it. Long lists are cut short.
//! Every variant and every field is taken apart by name, so that a new one is not forgotten here.

use core::fmt::{self, Display, Formatter};

use super::{
    Change, End, Event, Failure, Held, HoldExtended, OnExpiry, Quarantined, TaskFinished, TokenKept,
};
use crate::command::of_kind;
use crate::id::Task;
use crate::space::list::AddrList;
use crate::text::{Few, Maybe};

/// One line: the revision, the time, the changes; of a hold, also the name of its task
///
/// ```
/// use ipam_core::*;
///
/// let now = Timestamp::from_millis(1_700_000_000_000);
/// let create = Command::from(CreateVpc::new("vpc-1".parse()?).within(["10.0.0.0/8".parse()?]));
/// let event = Engine::new().decide(now, &create)?.into_event().ok_or("unchanged")?;
/// assert_eq!(event.to_string(), "#1 at 1700000000000 ms: VPC vpc-1 created within 10.0.0.0/8");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { revision, at, parent: _, changes } = self;
        write!(f, "#{revision} at {at}")?;
        for (index, change) in changes.iter().enumerate() {
            let before = if index == 0 { ": " } else { "; " };
            write!(f, "{before}{change}")?;
            if let Change::Held(of) = change {
                write!(f, ", task {}", Task::new(*revision, of.index))?;
            }
        }
        Ok(())
    }
}

/// One line: the fact
impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::VpcCreated { vpc, cidrs } if cidrs.is_empty() => write!(f, "VPC {vpc} created"),
            Self::VpcCreated { vpc, cidrs } => {
                write!(f, "VPC {vpc} created within {}", Few(cidrs.iter()))
            }
            Self::VpcDeleted { vpc } => write!(f, "VPC {vpc} deleted"),
            Self::SubnetCreated { subnet, vpc, v4: Some(v4), v6: Some(v6), profile: _ } => {
                write!(f, "subnet {subnet} created in {vpc} with {v4} and {v6}")
            }
            Self::SubnetCreated { subnet, vpc, v4, v6, profile: _ } => {
                let (v4, v6) = (Maybe(" with ", v4.as_ref()), Maybe(" with ", v6.as_ref()));
                write!(f, "subnet {subnet} created in {vpc}{v4}{v6}")
            }
            Self::SubnetReshaped { subnet, v4: Some(v4), v6: Some(v6), profile: _ } => {
                write!(f, "subnet {subnet} reshaped to {v4} and {v6}")
            }
            Self::SubnetReshaped { subnet, v4, v6, profile: _ } => {
                let (v4, v6) = (Maybe(" to ", v4.as_ref()), Maybe(" to ", v6.as_ref()));
                write!(f, "subnet {subnet} reshaped{v4}{v6}")
            }
            Self::SubnetDeleted { subnet } => write!(f, "subnet {subnet} deleted"),
            Self::InterfaceCreated { interface, subnet, status, quota } => {
                let quota = Maybe(", quota ", *quota);
                write!(f, "interface {interface} created in {subnet}, {status}{quota}")
            }
            Self::InterfaceDeleted { interface } => write!(f, "interface {interface} deleted"),
            Self::StatusSet { interface, status } => write!(f, "{interface} is {status}"),
            Self::QuotaSet { interface, quota: Some(quota) } => {
                write!(f, "{interface} has a quota of {quota}")
            }
            Self::QuotaSet { interface, quota: None } => write!(f, "{interface} has no quota"),
            Self::RangeReserved { subnet, range, kind } => {
                write!(f, "{range} reserved{} ({subnet})", of_kind(*kind))
            }
            Self::RangeReleased { subnet, range } => {
                write!(f, "{range} reserved no more ({subnet})")
            }
            Self::IndicesSet { subnet, indices } => write!(f, "{subnet} has the indices {indices}"),
            Self::PolicySet { subnet, policy } => write!(f, "{subnet} chooses {policy}"),
            Self::CursorMoved { subnet, address } => {
                write!(f, "{subnet} looks at {address} first")
            }
            Self::Drawn { subnet, family, draws } => {
                write!(f, "{subnet} goes on at draw {draws} of {family}")
            }
            Self::Assigned { interface, subnet, addresses } => {
                write!(f, "{interface} +{} ({subnet})", runs(addresses))
            }
            Self::PrimarySet { interface, address } => {
                write!(f, "{interface} has the primary {address}")
            }
            Self::Released { interface, subnet, addresses } => {
                write!(f, "{interface} -{} ({subnet})", runs(addresses))
            }
            Self::Quarantined(of) => of.fmt(f),
            Self::RestEnded { subnet, addresses } => {
                write!(f, "{} rests no more ({subnet})", runs(addresses))
            }
            Self::Held(of) => of.fmt(f),
            Self::HoldExtended(of) => of.fmt(f),
            Self::TaskFinished(of) => of.fmt(f),
            Self::TokenKept(of) => of.fmt(f),
            Self::LimitsSet { limits } => write!(f, "the limits are {limits}"),
            Self::Swept => f.write_str("swept"),
        }
    }
}

fn runs(addresses: &AddrList) -> impl Display {
    Few(addresses.parts())
}

impl Display for Quarantined {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, subnet, addresses, until, reason } = self;
        let reason = Maybe(", because of ", *reason);
        write!(f, "{interface} -{} ({subnet}), rests until {until}{reason}", runs(addresses))
    }
}

impl Display for Held {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { index: _, interface, subnet, addresses, until, expired, keep_until, request } =
            self;
        write!(f, "{interface} +{} ({subnet}), held until {until}", runs(addresses))?;
        match expired {
            OnExpiry::Release { rest_millis: 0 } => {}
            OnExpiry::Release { rest_millis } => write!(f, ", then rests for {rest_millis} ms")?,
            OnExpiry::Unknown => f.write_str(", then unknown")?,
        }
        if keep_until > until {
            write!(f, ", its task kept until {keep_until}")?;
        }
        write!(f, "{}", Maybe(", for request ", *request))
    }
}

impl Display for HoldExtended {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task, subnet, addresses } = self;
        write!(f, "task {task} +{} ({subnet})", runs(addresses))
    }
}

impl Display for TaskFinished {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task, end, until, reason: rested } = self;
        match end {
            End::Succeeded => write!(f, "task {task} succeeded"),
            End::Failed { failure, reason, kept } => {
                write!(f, "task {task} {failure}{}", Maybe(", because of ", *reason))?;
                if kept.count() > 0 {
                    write!(f, ", keeps {}", runs(kept))?;
                }
                write!(f, ", the rest free at {until}{}", Maybe(", because of ", *rested))
            }
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cancelled => "was cancelled",
            Self::InterfaceDeleted => "lost its interface",
            Self::NotObserved => "was not observed whole",
        })
    }
}

impl Display for TokenKept {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { token, until, request: _, answer, task, primary } = self;
        write!(f, "token {token} kept until {until} with {}", runs(answer))?;
        write!(f, "{}{}", Maybe(", task ", *task), Maybe(", primary ", *primary))
    }
}

//! The operations about prefixes

use ipam_core::ipnet::IpNet;
use ipam_core::{Assign, Error, Pick, Unassign};

use crate::answer::Answer;
use crate::case::Op;
use crate::runner::{MALFORMED, Outcome, family};
use crate::space;
use crate::world::World;

impl<'c> World<'c> {
    pub(crate) fn assign_prefix(&mut self, op: &'c Op) -> Outcome {
        let subnet = self.home()?;
        let repeat = op.args.number("repeat")?.unwrap_or(1);
        let repeat = u32::try_from(repeat).map_err(|_| "`repeat` is beyond one command")?;
        let pick = match (op.args.text("cidr")?, op.args.number("len")?) {
            (Some(text), None) if repeat == 1 => {
                let Some(cidr) = space::net(text) else { return MALFORMED };
                Pick::default().and_prefix(cidr)
            }
            (None, Some(len)) => {
                let len = u8::try_from(len).unwrap_or(u8::MAX);
                Pick::any_prefixes(len, repeat).family(family(subnet))
            }
            _ => return Err("takes one of `len` and `cidr`".into()),
        };
        let interface = match op.args.text("owner")? {
            Some(owner) => self.owner(owner)?,
            None => self.new_interface()?,
        };
        match self.execute(Assign::new(interface, pick).from_subnet(subnet.id))? {
            Ok(decision) => {
                let given: Vec<IpNet> = decision.answer().prefixes().collect();
                for prefix in &given {
                    for address in [prefix.network(), prefix.broadcast()] {
                        if self.holder(address) != Some(interface) {
                            return Err(format!("{prefix} was given, but {address} to nobody"));
                        }
                    }
                }
                Ok(Answer::Prefixes(given))
            }
            // To the format, a block that is too large for the subnet is as little there as any other.
            Err(Error::Fragmented(_) | Error::Exhausted { .. } | Error::PrefixSize { .. }) => {
                Ok(Answer::Refused("no_prefix"))
            }
            Err(error) => self.refusal(&error, subnet.net),
        }
    }

    pub(crate) fn release_prefix(&mut self, op: &'c Op) -> Outcome {
        let Some(cidr) = space::net(op.args.required_text("cidr")?) else { return MALFORMED };
        // Without an owner, a release acts for the holder; if there is none, for a stranger.
        let interface = match (op.args.text("owner")?, self.holder(cidr.network())) {
            (Some(owner), _) => self.owner(owner)?,
            (None, Some(holder)) => holder,
            (None, None) => self.new_interface()?,
        };
        let net = self.subnet_at(Some(cidr.network()))?.net;
        match self.execute(Unassign::only_prefixes(interface, [cidr]))? {
            Ok(decision) if decision.is_unchanged() => Ok(Answer::Noop),
            Ok(_) => Ok(Answer::Done),
            Err(error) => self.refusal(&error, net),
        }
    }

    pub(crate) fn free_prefixes(&self) -> Outcome {
        let subnet = self.home()?;
        let free = self.engine.free_prefixes(subnet.id, family(subnet));
        Ok(Answer::Prefixes(free.into_iter().flatten().collect()))
    }
}

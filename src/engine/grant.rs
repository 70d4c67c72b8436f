//! Writing what an interface is given

use alloc::boxed::Box;
use core::mem;

use super::draft::Draft;
use super::target::Target;
use crate::command::{Expiry, Hold};
use crate::error::Error;
use crate::event::{Change, Expired, Held};
use crate::space::address::{Family, PerFamily};
use crate::space::list::AddrList;
use crate::state::view::View;

/// New addresses of one subnet for one interface
#[derive(Default)]
pub(super) struct Grant {
    /// In order of assignment
    pub(super) new: PerFamily<AddrList>,
    /// Those of them that rest
    pub(super) roused: PerFamily<AddrList>,
}

impl Grant {
    /// Ends the rests, then assigns, or holds where that is asked for
    pub(super) fn push(
        mut self,
        view: &View<'_>,
        target: &Target<'_>,
        draft: &mut Draft<'_>,
        hold: Option<&Hold>,
    ) -> Result<(), Error> {
        for family in Family::ALL {
            let addresses = mem::take(self.roused.get_mut(family));
            if !addresses.is_empty() {
                draft.push(Change::RestEnded { subnet: target.subnet_id(view)?, addresses });
            }
        }
        if let Some(hold) = hold {
            let mut addresses = mem::take(&mut self.new.v4);
            addresses.append(&self.new.v6);
            return if addresses.is_empty() {
                Ok(())
            } else {
                begin(view, target, draft, hold, addresses)
            };
        }
        for family in Family::ALL {
            let addresses = mem::take(self.new.get_mut(family));
            if !addresses.is_empty() {
                let (interface, subnet) = (*target.id, target.subnet_id(view)?);
                draft.push_at(target.place(), Change::Assigned { interface, subnet, addresses });
            }
        }
        Ok(())
    }
}

fn begin(
    view: &View<'_>,
    target: &Target<'_>,
    draft: &mut Draft<'_>,
    hold: &Hold,
    addresses: AddrList,
) -> Result<(), Error> {
    if view.has_all_tasks() {
        return Err(Error::TooManyTasks { limit: view.limits().tasks });
    }
    let rest_millis = target.subnet.profile.quarantine.millis;
    let held = Held {
        index: draft.index,
        interface: *target.id,
        subnet: target.subnet_id(view)?,
        addresses,
        until: hold.until,
        expired: match hold.expiry {
            Expiry::Release => Expired::Released { rest_millis },
            Expiry::Unknown => Expired::Unknown,
        },
        keep_until: hold.keep_until,
        request: hold.request,
    };
    draft.push_at(target.place(), Change::Held(Box::new(held)));
    Ok(())
}

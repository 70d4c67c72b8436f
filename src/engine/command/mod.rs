//! Judging commands: a file for each, in the order of precedence that [`Error`] documents

mod adopt;
mod assign;
mod cancel;
mod confirm;
mod create_interface;
mod create_subnet;
mod create_vpc;
mod delete_interface;
mod delete_subnet;
mod delete_vpc;
mod ensure_count;
mod move_addresses;
mod once;
mod release_range;
mod replace_primary;
mod reserve_range;
mod reshape;
mod resolve;
mod set_cursor;
mod set_indices;
mod set_limits;
mod set_policy;
mod set_quota;
mod set_status;
mod sweep;
mod unassign;

use super::judge::draft::Draft;
use crate::command::Command;
use crate::error::Error;
use crate::state::view::View;

/// Judges `command` on the state that `view` shows
///
/// The usual assignments and releases are recognised first, by checks that only answer yes or no; everything else is
/// judged in full.
#[inline]
pub(super) fn decide(
    view: &View<'_>,
    command: &Command,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    match command {
        Command::Assign(request) if assign::usual(view, request, draft) => Ok(()),
        Command::Unassign(request) if unassign::usual(view, request, draft) => Ok(()),
        _ => judge(view, command, draft),
    }
}

#[inline(never)]
fn judge(view: &View<'_>, command: &Command, draft: &mut Draft<'_>) -> Result<(), Error> {
    match command {
        Command::CreateVpc(request) => create_vpc::decide(view, request, draft),
        Command::DeleteVpc(request) => delete_vpc::decide(view, request, draft),
        Command::CreateSubnet(request) => create_subnet::decide(view, request, draft),
        Command::DeleteSubnet(request) => delete_subnet::decide(view, request, draft),
        Command::Reshape(request) => reshape::decide(view, request, draft),
        Command::CreateInterface(request) => create_interface::decide(view, request, draft),
        Command::DeleteInterface(request) => delete_interface::decide(view, request, draft),
        Command::SetStatus(request) => set_status::decide(view, request, draft),
        Command::SetQuota(request) => set_quota::decide(view, request, draft),
        Command::ReserveRange(request) => reserve_range::decide(view, request, draft),
        Command::ReleaseRange(request) => release_range::decide(view, request, draft),
        Command::SetIndices(request) => set_indices::decide(view, request, draft),
        Command::SetPolicy(request) => set_policy::decide(view, request, draft),
        Command::SetCursor(request) => set_cursor::decide(view, request, draft),
        Command::Assign(request) => assign::decide(view, request, draft),
        Command::EnsureCount(request) => ensure_count::decide(view, request, draft),
        Command::Adopt(request) => adopt::decide(view, request, draft),
        Command::Unassign(request) => unassign::decide(view, request, draft),
        Command::Move(request) => move_addresses::decide(view, request, draft),
        Command::ReplacePrimary(request) => replace_primary::decide(view, request, draft),
        Command::Confirm(request) => confirm::decide(view, request, draft),
        Command::Cancel(request) => cancel::decide(view, request, draft),
        Command::Resolve(request) => resolve::decide(view, request, draft),
        Command::SetLimits(request) => set_limits::decide(view, request, draft),
        Command::Once(request) => once::decide(view, request, draft),
        Command::Sweep => sweep::decide(view, draft),
    }
}

//! What a request may say that has no effect

use thiserror::Error;

/// What an assignment says about how addresses are chosen or judged, named as its field is
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Modifier {
    /// [`Pick::preferred`](crate::Pick::preferred), which applies to addresses, where only prefixes are asked for
    #[error("`preferred` has no effect on prefixes alone")]
    Preferred,
    /// [`Pick::contiguous`](crate::Pick::contiguous), which applies to addresses, where only prefixes are asked for
    #[error("`contiguous` has no effect on prefixes alone")]
    Contiguous,
    /// [`Pick::policy`](crate::Pick::policy), which prefixes do not follow, where only prefixes are asked for
    #[error("`policy` has no effect on prefixes alone")]
    Policy,
    /// [`Assign::reassign`](crate::Assign::reassign), which applies to what is named, where nothing is
    #[error("`reassign` has no effect without a list, a named prefix or a range")]
    Reassign,
    /// [`Pick::auto_only`](crate::Pick::auto_only), which applies to what is named, where nothing is
    #[error("`auto_only` has no effect without a list, a named prefix or a range")]
    AutoOnly,
}

//! What is asked of the heap

use allocation_counter::{AllocationInfo, measure};

/// What `work` gives, and what this thread asked of the heap in it: not what the system rounds that up to
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> (T, AllocationInfo) {
    let mut made = None;
    let heap = measure(|| made = Some(work()));
    (made.unwrap(), heap)
}

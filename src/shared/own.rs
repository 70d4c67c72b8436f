//! Writing through a shared pointer

use triomphe::Arc;

/// What a pointer leads to, to be changed; a copy of it if a clone shares it
///
/// There always is something. Unlike with [`Arc::make_mut`] the copying is out of the way: it takes the room of a
/// page on the stack, and registers, which a write in place would pay for as well.
#[inline]
pub(crate) fn own<T: Clone>(shared: &mut Arc<T>) -> Option<&mut T> {
    if !shared.is_unique() {
        unshare(shared);
    }
    Arc::get_mut(shared)
}

#[cold]
#[inline(never)]
fn unshare<T: Clone>(shared: &mut Arc<T>) {
    *shared = Arc::new(T::clone(shared));
}

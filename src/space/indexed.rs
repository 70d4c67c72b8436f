//! The indices of a space, kept up to date as its bits change

use triomphe::Arc;

use super::Space;
use super::address::Span;
use super::bitmap::WORD;
use super::extras::Extras;
use super::index::{Index, Indices};

/// Words of a page, of which an index is brought up to date as a whole
const PAGE_WORDS: usize = 8;

/// Neighbouring words that a batch has changed, since its index was last brought up to date
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Touched(Option<(usize, usize)>);

impl Space {
    /// Keeps these indices from now on, and no others: costs a look at each page of the bitmap, and at each
    /// free run above it
    pub(crate) fn set_indices(&mut self, indices: Indices) {
        if indices != self.indices() {
            self.index_anew(indices);
            self.tidy();
        }
    }

    fn index_anew(&mut self, indices: Indices) {
        let index = || Arc::new(Index::new(indices, &self.near, self.far_runs()));
        let index = (indices != Indices::NONE).then(index);
        self.extras_mut().index = index;
    }

    /// The indices kept
    pub(crate) fn indices(&self) -> Indices {
        self.index().map_or(Indices::NONE, Index::indices)
    }

    pub(super) fn index(&self) -> Option<&Index> {
        self.extras.as_ref()?.index.as_deref()
    }

    /// Whether there is an index to keep up to date
    #[inline]
    pub(super) fn is_indexed(&self) -> bool {
        self.index().is_some()
    }

    /// Notes that offsets may have changed, of which those of the bitmap concern the indices
    pub(super) fn note_changed(&mut self, span: Span) {
        if self.is_indexed() {
            if let (Some((first, last)), _) = self.split(span) {
                self.reindex(first, last);
            }
        }
    }

    /// Notes that a near word has changed, which may wait for its neighbours
    #[inline]
    pub(super) fn note_word(&mut self, touched: &mut Touched, word: usize) {
        if self.is_indexed() {
            self.touch(touched, word);
        }
    }

    fn touch(&mut self, touched: &mut Touched, word: usize) {
        match &mut touched.0 {
            // The next page of the same run, or one that has been seen: one update does for all.
            Some((first, last))
                if word >= *first
                    && word / PAGE_WORDS <= (*last / PAGE_WORDS).saturating_add(1) =>
            {
                *last = word.max(*last);
            }
            _ => {
                self.note_touched(*touched);
                touched.0 = Some((word, word));
            }
        }
    }

    /// Notes that the words touched have changed
    pub(super) fn note_touched(&mut self, touched: Touched) {
        if let Some((first, last)) = touched.0 {
            self.reindex(first.wrapping_mul(WORD), last.wrapping_mul(WORD));
        }
    }

    /// Brings the indices up to date, after offsets from `first` to `last` of the bitmap changed
    #[inline(never)]
    fn reindex(&mut self, first: usize, last: usize) {
        if let Some(index) = index_mut(&mut self.extras) {
            index.update(&self.near, first, last);
        }
    }

    /// Notes that offsets above the bitmap are free now or, if not, busy
    pub(super) fn note_far(&mut self, span: Span, free: bool) {
        if self.is_indexed() {
            let usable = self.usable();
            let Some(Index { far, .. }) = index_mut(&mut self.extras) else { return };
            match free {
                true => usable.parts(span).for_each(|part| far.insert(part)),
                false => far.remove(span),
            }
        }
    }

    /// Makes the indices reach as far as the bitmap, after that got wider
    pub(super) fn widen_index(&mut self) {
        let window = self.window();
        if let Some(index) = index_mut(&mut self.extras) {
            index.widen(&self.near, window);
        }
    }

    /// Makes the indices anew, after the bitmap was given back
    pub(super) fn rebuild_index(&mut self) {
        if self.is_indexed() {
            self.index_anew(self.indices());
        }
    }

    /// What is wrong with the indices, if anything
    pub(super) fn index_corruption(&self) -> Option<&'static str> {
        let over = |index: &Index| index.is_over(&self.near, self.far_runs());
        let over = self.index().is_none_or(over);
        (!over).then_some("an index does not say what is free")
    }
}

/// The indices to be changed
fn index_mut(extras: &mut Option<Arc<Extras>>) -> Option<&mut Index> {
    // What there is not need not be copied.
    let extras = extras.as_mut().filter(|extras| extras.index.is_some())?;
    Arc::make_mut(extras).index.as_mut().map(Arc::make_mut)
}

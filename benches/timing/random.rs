//! Random order, the same in every run.

/// Xorshift, which costs next to nothing between two requests.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    /// A number below this one.
    pub(crate) const fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) as usize * end) >> 32
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }
}

/// Which request is next. The class is random. The requests of a class take turns, shuffled once: so it
/// is certain how many others come before the same request again, and the processor cannot guess the next.
pub(crate) struct Order {
    random: Random,
    classes: Vec<Turns>,
}

struct Turns {
    requests: Vec<usize>,
    next: usize,
}

impl Order {
    /// Of so many requests in each class.
    pub(crate) fn new(requests: impl IntoIterator<Item = usize>) -> Self {
        let mut random = Random::new();
        let turns = |count| {
            let mut requests: Vec<_> = (0..count).collect();
            random.shuffle(&mut requests);
            Turns { requests, next: 0 }
        };
        let classes = requests.into_iter().map(turns).collect();
        Self { random, classes }
    }

    /// The place of the class, and that of the request in the class.
    pub(crate) fn next(&mut self) -> (usize, usize) {
        let class = self.random.below(self.classes.len());
        let Turns { requests, next } = &mut self.classes[class];
        let request = requests[*next];
        *next = (*next + 1) % requests.len();
        (class, request)
    }
}

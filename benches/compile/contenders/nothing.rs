//! A contender is what its manifest says: a dependency and an attribute. The benchmark writes the code.

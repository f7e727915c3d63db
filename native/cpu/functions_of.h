/* Functions of one number over the lanes of V, whose operations are OF(name): included once for eight lanes, once for sixteen. */

INLINE V OF(exp)(V x) {
  const V clamped = OF(clamp)(x, -104, 89);
  const V n = OF(rint)(OF(mul)(clamped, OF(all)(0x1.715476p0f)));
  V r = OF(fma)(n, OF(all)(-0x1.62e4p-1f), clamped); /* ln 2 in two parts, the first of 15 bits */
  r = OF(fma)(n, OF(all)(-0x1.7f7d1cp-20f), r);
  V p = OF(all)(1 / 5040.0f);
  p = OF(fma)(p, r, OF(all)(1 / 720.0f));
  p = OF(fma)(p, r, OF(all)(1 / 120.0f));
  p = OF(fma)(p, r, OF(all)(1 / 24.0f));
  p = OF(fma)(p, r, OF(all)(1 / 6.0f));
  p = OF(fma)(p, r, OF(all)(0.5f));
  p = OF(fma)(p, r, OF(all)(1));
  p = OF(fma)(p, r, OF(all)(1));
  return OF(scale)(p, n);
}

INLINE V OF(silu)(V x) {
  return OF(div)(x, OF(add)(OF(all)(1), OF(exp)(OF(negate)(x))));
}

INLINE V OF(gelu_tanh)(V x) {
  const V cubic = OF(fma)(OF(mul)(OF(mul)(OF(all)(0.044715f), x), x), x, x);
  const V u = OF(mul)(OF(all)(0x1.988454p-1f), cubic); /* sqrt(2 / pi) */
  return OF(div)(x, OF(add)(OF(all)(1), OF(exp)(OF(mul)(OF(all)(-2), u))));
}

INLINE V OF(softcap)(V x, float cap) {
  const V e = OF(exp)(OF(mul)(OF(all)(2), OF(div)(x, OF(all)(cap))));
  const V tanh = OF(sub)(OF(all)(1), OF(div)(OF(all)(2), OF(add)(e, OF(all)(1))));
  return OF(mul)(OF(all)(cap), tanh);
}

INLINE V OF(quick_gelu)(V x) {
  return OF(div)(x, OF(add)(OF(all)(1), OF(exp)(OF(mul)(OF(all)(-1.702f), x))));
}

INLINE V OF(sigmoid)(V x) {
  return OF(div)(OF(all)(1), OF(add)(OF(all)(1), OF(exp)(OF(negate)(x))));
}

/* NaN stays, -0 becomes +0. */
INLINE V OF(relu)(V x) { return OF(max)(x, OF(all)(0)); }

/* x * (1 - tail) or x * tail by the sign, the tail of the normal distribution being exp(-x^2 / 2) * t * P(t). */
INLINE V OF(gelu)(V x) {
  const V magnitude = OF(max)(x, OF(negate)(x));
  const V t = OF(div)(OF(all)(1), OF(fma)(OF(all)(0.3f), magnitude, OF(all)(1)));
  V p = OF(all)(-0x1.51e53p-6f);
  p = OF(fma)(p, t, OF(all)(0x1.cc8968p-4f));
  p = OF(fma)(p, t, OF(all)(-0x1.d361ccp-3f));
  p = OF(fma)(p, t, OF(all)(0x1.88c686p-3f));
  p = OF(fma)(p, t, OF(all)(-0x1.4551e2p-4f));
  p = OF(fma)(p, t, OF(all)(0x1.89dbeap-4f));
  p = OF(fma)(p, t, OF(all)(0x1.411572p-4f));
  p = OF(fma)(p, t, OF(all)(0x1.c3863cp-4f));
  p = OF(fma)(p, t, OF(all)(0x1.e9c422p-4f));
  p = OF(fma)(p, t, OF(all)(0x1.ea3c98p-4f));
  const V e = OF(exp)(OF(mul)(OF(mul)(OF(all)(-0.5f), x), x));
  const V tail = OF(mul)(OF(mul)(t, p), e);
  return OF(mul)(x, OF(by_sign)(x, tail, OF(sub)(OF(all)(1), tail)));
}

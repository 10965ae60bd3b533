// Half precision and bfloat16 to float: exact, since float holds every value of both.
#ifndef SHIRA_ADAPTER_HALF_H
#define SHIRA_ADAPTER_HALF_H

#include <stdint.h>
#include <string.h>

static inline float shira_bits_to_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// bfloat16 is the upper half of a float.
static inline float shira_bf16_to_float(uint16_t bits) {
  return shira_bits_to_float((uint32_t)bits << 16);
}

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
static inline float shira_half_to_float(uint16_t bits) {
  uint32_t sign = (uint32_t)(bits & 0x8000u) << 16;
  uint32_t exponent = (bits >> 10) & 0x1fu;
  uint32_t fraction = bits & 0x3ffu;
  if (exponent == 0x1f) // infinity or NaN
    return shira_bits_to_float(sign | 0x7f800000u | fraction << 13);
  if (exponent == 0) { // zero or subnormal: fraction * 2^-24
    float magnitude = (float)fraction * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return shira_bits_to_float(sign | (exponent + 112) << 23 | fraction << 13);
}

#endif

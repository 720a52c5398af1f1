const { TestEnvironment } = require('jest-environment-node');

/**
 * jest runs tests in a realm of their own, where `instanceof Float32Array` is false for the arrays that
 * native code makes. Handing the outer realm's binary types to the sandbox makes the two the same.
 */
class OneRealmForBinaryData extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const types = [
      ArrayBuffer,
      SharedArrayBuffer,
      DataView,
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
    ];
    for (const type of types) this.global[type.name] = type;
  }
}

module.exports = OneRealmForBinaryData;

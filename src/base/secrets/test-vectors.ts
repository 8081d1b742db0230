/** Published test vectors, in hexadecimal. */

/** AES-256-GCM: key, nonce, associated data, plaintext, ciphertext, tag. */
export const GCM = [
  {
    from: 'McGrew and Viega, The Galois/Counter Mode of Operation, test case 13',
    key: '0000000000000000000000000000000000000000000000000000000000000000',
    iv: '000000000000000000000000',
    aad: '',
    msg: '',
    ct: '',
    tag: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    from: 'the same, test case 14',
    key: '0000000000000000000000000000000000000000000000000000000000000000',
    iv: '000000000000000000000000',
    aad: '',
    msg: '00000000000000000000000000000000',
    ct: 'cea7403d4d606b6e074ec5d3baf39d18',
    tag: 'd0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    from: 'the same, test case 15',
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    iv: 'cafebabefacedbaddecaf888',
    aad: '',
    msg: 'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
    ct: '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad',
    tag: 'b094dac5d93471bdec1a502270e3cc6c',
  },
  {
    from: 'Wycheproof aes_gcm_test, key size 256',
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    iv: '505152535455565758595a5b',
    aad: '',
    msg: '202122232425262728292a2b2c2d2e2f',
    ct: 'b2061457c0759fc1749f174ee1ccadfa',
    tag: '9ce8fef6d8ab1bf1bf887232eab590dd',
  },
] as const;

/** Tags that must be refused for the last vector: Wycheproof aes_gcm_test, cases 142 to 156 (ModifiedTag). */
export const GCM_MODIFIED_TAGS = [
  '9ce8fef6d8ab1bf1bf887232ebb590dd',
  '9ce8fef6d8ab1bf1bf887232e8b590dd',
  '9ce8fef6d8ab1bf1bf8872326ab590dd',
  '9ce8fef6d8ab1bf1bf887232eab590dc',
  '9ce8fef6d8ab1bf1bf887232eab590df',
  '9ce8fef6d8ab1bf1bf887232eab5909d',
  '9ce8fef6d8ab1bf1bf887232eab5905d',
  '9de8fef6d8ab1bf1be887232eab590dd',
  '9ce8fe76d8ab1b71bf887232eab590dd',
  '9ce8fef6d8ab1b71bf887232eab5905d',
  '631701092754e40e40778dcd154a6f22',
  '00000000000000000000000000000000',
  'ffffffffffffffffffffffffffffffff',
  '1c687e76582b9b713f08f2b26a35105d',
  '9de9fff7d9aa1af0be897333ebb491dc',
] as const;

/** AES-256-KW: RFC 3394, sections 4.3, 4.5 and 4.6. */
export const KW = [
  {
    from: 'RFC 3394 4.3',
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    msg: '00112233445566778899aabbccddeeff',
    ct: '64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7',
  },
  {
    from: 'RFC 3394 4.5',
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    msg: '00112233445566778899aabbccddeeff0001020304050607',
    ct: 'a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1',
  },
  {
    from: 'RFC 3394 4.6',
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    msg: '00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f',
    ct: '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
  },
] as const;

/** HMAC-SHA-256: RFC 4231, test cases 1, 2 and 6. */
export const HMAC = [
  {
    from: 'RFC 4231 4.2',
    key: '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b',
    msg: '4869205468657265',
    mac: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    from: 'RFC 4231 4.3',
    key: '4a656665',
    msg: '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
    mac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    from: 'RFC 4231 4.7',
    key: 'aa'.repeat(131),
    msg: '54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374',
    mac: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  },
] as const;

/** HKDF-SHA-256: RFC 5869, A.1 and A.3. */
export const HKDF = [
  {
    from: 'RFC 5869 A.1',
    ikm: '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b',
    salt: '000102030405060708090a0b0c',
    info: 'f0f1f2f3f4f5f6f7f8f9',
    okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    from: 'RFC 5869 A.3',
    ikm: '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b',
    salt: '',
    info: '',
    okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
] as const;

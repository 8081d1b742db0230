/** What the bench uses of peers that bring no types. */
declare module 'jsonwebtoken' {
  interface VerifyOptions {
    readonly algorithms: readonly string[];
    readonly audience: string;
    readonly issuer: string;
  }
  const jsonwebtoken: {
    verify(token: string, key: string | Uint8Array, options: VerifyOptions): unknown;
  };
  export default jsonwebtoken;
}

declare module 'bcrypt' {
  const bcrypt: {
    hash(password: string, cost: number): Promise<string>;
    compare(password: string, hash: string): Promise<boolean>;
  };
  export default bcrypt;
}

// The first byte of everything that this package encodes.

/** Version 1 in the high half of the first byte, the layout in the low half. */
export const BY_ID = 0x10;
/** By id, when one replica of a usual id refers to nobody else: what typing makes. */
export const BY_OWN_ID = 0x11;
/** Bytes of that layout and the id in it. */
export const OWN_FRONT = 10;
/** In document order. */
export const STATE = 0x12;

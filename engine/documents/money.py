"""Money: ISO 4217 currencies and their minor units.

The table is ISO 4217's list of active currencies: two decimal places unless
listed otherwise. Codes without a minor unit (XAU, XDR, ...) are left out, because
no order is paid in them.
"""

from __future__ import annotations

_TWO_PLACES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN
    BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP
    LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
    NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
    SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR
    ZMW ZWG
"""
_OTHERS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

MINOR_UNITS: dict[str, int] = dict.fromkeys(_TWO_PLACES.split(), 2) | {
    code: places for places, codes in _OTHERS.items() for code in codes.split()
}
# The decimal places in which a ledger keeps amounts unless its account says otherwise. NetSuite's
# currency records name 0 and 2 (facts: netsuite.md, decimals by currency).
LEDGER_PLACES: dict[str, int] = {code: min(places, 2) for code, places in MINOR_UNITS.items()}
